import { writeSync } from 'node:fs';

const STDOUT = 1;
const FLUSH_EVERY_MS = 100;
const FLUSH_AT_CHARACTERS = 64 * 1024;
/** A reader that has stopped reading must not eat the memory of a proxy. */
const KEEP_AT_MOST_CHARACTERS = 16 * FLUSH_AT_CHARACTERS;
/** What one process writes at a time into a pipe no other process gets in between of (PIPE_BUF). */
const UNDIVIDED_BYTES = 4_096;
const LINE_END = 0x0a;

/**
 * Collects lines and writes many at a time: a system call per request would halve what a hit can do.
 * @param shared whether other processes write there too: then no more at a time than stays in one piece
 */
export function createLogBuffer(shared = false) {
  let pending = '';
  /** Bytes, since a pipe may take a part that ends within a character. */
  let unsent = Buffer.alloc(0);

  function flush(): void {
    for (;;) {
      if (unsent.byteLength === 0) {
        unsent = Buffer.from(pending);
        pending = '';
      }
      if (unsent.byteLength === 0) return;
      const piece = shared ? wholeLines(unsent) : unsent;
      let written = 0;
      try {
        written = writeSync(STDOUT, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      unsent = unsent.subarray(written);
      // A full pipe: what could not go now goes with the next flush.
      if (written < piece.byteLength) return;
    }
  }

  setInterval(flush, FLUSH_EVERY_MS).unref();
  process.on('exit', flush);

  return {
    write(line: string): void {
      if (pending.length > KEEP_AT_MOST_CHARACTERS) return;
      pending += line;
      if (pending.length > FLUSH_AT_CHARACTERS) flush();
    },
  };
}
export type LogBuffer = ReturnType<typeof createLogBuffer>;

/** As many lines as stay in one piece; one that is longer goes alone. */
function wholeLines(bytes: Buffer): Buffer {
  if (bytes.byteLength <= UNDIVIDED_BYTES) return bytes;
  const last = bytes.lastIndexOf(LINE_END, UNDIVIDED_BYTES - 1);
  return bytes.subarray(0, (last < 0 ? bytes.indexOf(LINE_END) : last) + 1 || bytes.byteLength);
}
