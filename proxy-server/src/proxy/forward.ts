import { type Exchange, isSafeRead } from './exchange.ts';
import { forwardableHeaders, outgoingHeaders } from './headers.ts';
import type { AddHop } from './hop.ts';
import type { SendUpstream } from './upstream.ts';

/** Slowest upload that is waited for: the head of an answer may come only after the last byte. */
const MIN_UPLOAD_BYTES_PER_MS = 32;
const UPLOAD_OF_UNKNOWN_LENGTH_MS = 60_000;

interface ForwarderOptions {
  send: SendUpstream;
  origins: Readonly<Record<'gateway' | 'web', string>>;
  addHop: AddHop;
  timeout: number;
}

/** Builds the plain pass-through: both bodies stream, nothing is kept. */
export function createForwarder({ send, origins, addHop, timeout }: ForwarderOptions) {
  /** @param ours headers that this hop sets, over those of the client */
  return async function forward(exchange: Exchange, ours: Record<string, string> = {}): Promise<Response> {
    const { request, target } = exchange;
    const headers = forwardableHeaders(request.headers, target.upstream);
    addHop(headers, exchange);
    for (const [name, value] of Object.entries(ours)) headers.set(name, value);

    const bodiless = isSafeRead(request.method);
    if (bodiless) headers.delete('content-length');
    const response = await send({
      name: target.upstream,
      url: origins[target.upstream] + target.url,
      method: request.method,
      headers,
      body: bodiless ? null : request.body,
      timeout: bodiless ? timeout : timeout + uploadAllowance(request.headers),
      signal: request.signal,
    });
    return new Response(response.body, {
      status: response.status,
      statusText: response.statusText,
      headers: outgoingHeaders(response.headers),
    });
  };
}
export type Forward = ReturnType<typeof createForwarder>;

function uploadAllowance(headers: Headers): number {
  const length = headers.get('content-length');
  if (length !== null) return Math.ceil(Number(length) / MIN_UPLOAD_BYTES_PER_MS);
  return headers.has('transfer-encoding') ? UPLOAD_OF_UNKNOWN_LENGTH_MS : 0;
}
