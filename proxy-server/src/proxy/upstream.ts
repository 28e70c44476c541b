import { ProblemError } from '@doa-market/common/errors';

export interface UpstreamRequest {
  name: 'gateway' | 'web' | 'upstream';
  url: string;
  method: string;
  headers: Headers;
  body?: ReadableStream<Uint8Array> | string | null;
  /** Milliseconds until the head of the answer. */
  timeout: number;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal;
}

type Observe = (upstream: string, outcome: string, seconds: number) => void;

/** Builds the one place that talks to an origin. */
export function createUpstream(observe: Observe) {
  /**
   * Resolves with the head; the body streams. Redirects are the browser's to follow, and
   * encoded bodies are nobody's to decode on the way.
   * @throws {ProblemError} 502 unreachable or broken, 504 too slow; an AbortError if the caller left
   */
  return async function send(request: UpstreamRequest): Promise<Response> {
    const startedAt = performance.now();
    const finish = (outcome: string) =>
      observe(request.name, outcome, (performance.now() - startedAt) / 1_000);
    const controller = new AbortController();
    const leave = () => controller.abort();
    if (request.signal?.aborted) controller.abort();
    request.signal?.addEventListener('abort', leave, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, request.timeout);

    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        redirect: 'manual',
        decompress: false,
        signal: controller.signal,
      });
      if (response.status > 599) {
        await response.body?.cancel();
        throw new Error(`The status ${response.status} is none (RFC 9110 section 15).`);
      }
      finish(`${Math.floor(response.status / 100)}xx`);
      return response;
    } catch (cause) {
      request.signal?.removeEventListener('abort', leave);
      if (late) {
        finish('timeout');
        throw new ProblemError(504, 'SYS_5004', 'The server behind did not answer in time.', { cause });
      }
      if (request.signal?.aborted) {
        finish('abandoned');
        throw cause;
      }
      finish('unreachable');
      throw new ProblemError(502, 'SYS_5002', 'The server behind could not be reached.', { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}
export type SendUpstream = ReturnType<typeof createUpstream>;
