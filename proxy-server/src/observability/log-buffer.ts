import { writeSync } from 'node:fs';

const STDOUT = 1;
const FLUSH_EVERY_MS = 100;
const FLUSH_AT_CHARACTERS = 64 * 1024;
/** A reader that has stopped reading must not eat the memory of a proxy. */
const KEEP_AT_MOST_CHARACTERS = 16 * FLUSH_AT_CHARACTERS;

/** Collects lines and writes many at a time: a system call per request would halve what a hit can do. */
export function createLogBuffer() {
  let pending = '';
  /** Bytes, since a pipe may take a part that ends within a character. */
  let unsent = Buffer.alloc(0);

  function flush(): void {
    if (unsent.byteLength === 0) {
      unsent = Buffer.from(pending);
      pending = '';
    }
    if (unsent.byteLength === 0) return;
    try {
      unsent = unsent.subarray(writeSync(STDOUT, unsent));
    } catch (error) {
      // A full pipe: what could not go now goes with the next flush.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }

  setInterval(flush, FLUSH_EVERY_MS).unref();
  process.on('exit', () => {
    flush();
    flush();
  });

  return {
    write(line: string): void {
      if (pending.length > KEEP_AT_MOST_CHARACTERS) return;
      pending += line;
      if (pending.length > FLUSH_AT_CHARACTERS) flush();
    },
  };
}
export type LogBuffer = ReturnType<typeof createLogBuffer>;
