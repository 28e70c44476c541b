import { type Exchange, isSafeRead } from '../proxy/exchange.ts';
import type { Forward } from '../proxy/forward.ts';
import { type Cookies, change } from './cookies.ts';
import type { Identify } from './identity.ts';
import type { IsMonitor } from './monitors.ts';

interface VisitorForwardOptions {
  forward: Forward;
  identify: Identify;
  isMonitor: IsMonitor;
  cookies: Cookies;
}

/** Builds the pass-through that turns the cookies of a browser into a Bearer token. */
export function createVisitorForward({ forward, identify, isMonitor, cookies }: VisitorForwardOptions) {
  /** @param ours headers that this hop sets beside the token */
  return async (exchange: Exchange, ours: Record<string, string> = {}): Promise<Response> => {
    if (exchange.request.headers.has('authorization') || isMonitor(exchange)) return forward(exchange, ours);
    const bearer = await identify(exchange);
    const response = await forward(exchange, { ...ours, ...authorization(bearer) });
    if (bearer === undefined || !isRefused(response)) return response;
    // The session was ended elsewhere, or the keys are others now. What has a body cannot be sent again.
    if (!isSafeRead(exchange.request.method)) {
      change(exchange, cookies.clear('access'));
      return response;
    }
    await response.body?.cancel();
    const other = await identify(exchange, { refused: bearer });
    return forward(exchange, { ...ours, ...authorization(other) });
  };
}
export type VisitorForward = ReturnType<typeof createVisitorForward>;

const authorization = (bearer: string | undefined): Record<string, string> =>
  bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };

/** RFC 6750 section 3.1 */
const isRefused = ({ status, headers }: Response): boolean =>
  status === 401 && /\berror="?invalid_token\b/.test(headers.get('www-authenticate') ?? '');
