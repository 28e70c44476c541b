import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { echo, type OnEnd, type Origin, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

export const MEGABYTE = 1_000_000;
const PIECE = Buffer.from(Array.from({ length: 65_536 }, (_, index) => index % 251));

/** `size` bytes of one pattern, made as they are taken. */
export function* pieces(size: number, onTaken: (bytes: number) => void = () => undefined): Generator<Buffer> {
  for (let left = size; left > 0; ) {
    const piece = left < PIECE.byteLength ? PIECE.subarray(0, left) : PIECE;
    left -= piece.byteLength;
    onTaken(piece.byteLength);
    yield piece;
  }
}

/** The hash of all `pieces`. */
export function hashOf(size: number): string {
  const hash = createHash('sha256');
  for (const piece of pieces(size)) hash.update(piece);
  return hash.digest('hex');
}

type Settings = (originUrl: string) => Record<string, string>;

/** As a plain cache by the RFCs in front of one origin. */
export const standardCache: Settings = (UPSTREAM) => ({ UPSTREAM, CACHE_POLICY: 'standard' });

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A proxy in front of an origin that behaves as a test needs it, path by path.
 * @param onEnd of the test: one that runs beside others has to say which it is
 */
export async function startStreaming(
  answers: Record<string, Answer>,
  env: Settings = () => ({}),
  onEnd: OnEnd = onTestFinished,
) {
  const answer: Answer = (request, response) => (answers[request.url ?? ''] ?? echo)(request, response);
  const origin = await startOrigin(answer, undefined, onEnd);
  const proxy = await startProxy({ web: origin, gateway: origin }, env(origin.url), onEnd);
  return { origin, proxy, originPort: portOf(origin) };
}

const portOf = (origin: Origin) => Number(new URL(origin.url).port);
