import { connect } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import type { OnEnd } from './origin.ts';

/**
 * A plain connection that a test reads, writes and leaves at its own pace.
 * @param onEnd registers how it is closed: at the end of the test, where nobody says otherwise
 */
export function openConnection(port: number, onEnd: OnEnd = onTestFinished) {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  let bytes = 0;
  let error: Error | undefined;
  socket.on('data', (chunk) => {
    bytes += chunk.byteLength;
    if (bytes < KEPT_BYTES) chunks.push(chunk);
  });
  socket.on('error', (cause) => {
    error = cause;
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  onEnd(async () => void socket.destroy());

  return {
    socket,
    closed,
    /** The beginning of what came, as text. */
    text: () => Buffer.concat(chunks).toString('latin1'),
    bytes: () => bytes,
    error: () => error,
    send: (head: string) => void socket.write(head),
    leave: () => void socket.destroy(),
    received(part: string): Promise<void> {
      return vi.waitFor(
        () => {
          if (!Buffer.concat(chunks).toString('latin1').includes(part)) throw new Error(`no ${part} yet`);
        },
        { timeout: 10_000, interval: 10 },
      );
    },
  };
}
export type Connection = ReturnType<typeof openConnection>;

const KEPT_BYTES = 2 ** 20;

/** A request head with nothing but what is needed. */
export const requestHead = (target: string, host: string, lines: readonly string[] = []): string =>
  [
    target.includes(' ') ? `${target} HTTP/1.1` : `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...lines,
    '',
    '',
  ].join('\r\n');
