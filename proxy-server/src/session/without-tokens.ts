import type { SessionTokens } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { readBody } from '../streams/read-body.ts';
import { MAX_ANSWER_BYTES } from './auth-client.ts';
import { safeRedirect } from './safe-redirect.ts';
import type { SignIn } from './sign-in.ts';
import { mentionsTokens, sessionTokens } from './tokens.ts';

/** An answer that may have tokens in it is asked for like this: it must be readable here. */
export const READABLE = { 'Accept-Encoding': 'identity' };

/** What a script learns of a session. */
export const visible = ({ role, memberId, expiresIn }: SessionTokens) => ({ role, memberId, expiresIn });

/** Builds what signs a browser in with the tokens of an answer, and passes on the rest of it. */
export function createTokenRemoval(signIn: SignIn) {
  /** @throws {ProblemError} 502 for an answer in which tokens may be that cannot be taken out */
  return async (response: Response, exchange: Exchange): Promise<Response> => {
    if (!response.ok || !/\bjson\b/i.test(response.headers.get('content-type') ?? '')) return response;
    const body = await readBody(response, MAX_ANSWER_BYTES);
    const value = body.complete ? parseJson(body.bytes) : undefined;
    const tokens = sessionTokens(value);
    if (!body.complete || value === undefined || (!tokens && mentionsTokens(value))) throw unreadable();
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    if (!tokens) return new Response(body.bytes, { status: response.status, headers });
    await signIn(tokens, exchange);
    const shown = {
      ...visible(tokens),
      ...('redirect' in tokens && { redirect: safeRedirect(tokens.redirect) }),
    };
    return new Response(JSON.stringify(shown), { status: response.status, headers });
  };
}
export type TokenRemoval = ReturnType<typeof createTokenRemoval>;

const unreadable = () => new ProblemError(502, 'SYS_5002', 'The server behind gave no valid answer.');

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
