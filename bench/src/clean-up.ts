import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Stop = () => Promise<unknown> | unknown;

export interface Scope {
  /** A folder that is gone at the end. */
  folder: string;
  /** Keeps what was started until the end, when it is stopped. */
  keep: <T extends { stop: Stop }>(started: T) => T;
}

/** Runs something that starts processes, and stops them, the last one first, however it ends. */
export async function cleaningUp<T>(run: (scope: Scope) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'doa-bench-'));
  const stops: Stop[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    return await run({
      folder,
      keep(started) {
        stops.unshift(() => started.stop());
        return started;
      },
    });
  } finally {
    for (const stop of stops) await stop();
  }
}
