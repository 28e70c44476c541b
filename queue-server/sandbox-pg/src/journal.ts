import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/**
 * A file of JSON lines that only grows, so that what was said survives the process that said it. A line counts when
 * its end is there: what a kill has torn is as if it had not been said.
 */
export function openJournal(file: string) {
  let descriptor: number | undefined;
  let together: string[] | undefined;
  let written = 0;

  function write(lines: string[]): void {
    if (descriptor === undefined) throw new Error('the journal is not open');
    if (lines.length > 0) writeSync(descriptor, lines.join(''));
    written += lines.length;
  }

  return {
    /** Every whole line, in order. */
    read(): unknown[] {
      const lines = existing(file).split('\n');
      lines.pop();
      return lines.map((line): unknown => JSON.parse(line));
    },
    /** Begins anew with what is worth keeping; the old file is there until the new one is whole. */
    begin(records: readonly object[]): void {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, records.map(lineOf).join(''), { mode: 0o600 });
      renameSync(`${file}.new`, file);
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = openSync(file, 'a');
      written = 0;
    },
    /** Whether there are more lines than so many since it was begun, and no others are about to follow. */
    isLongerThan: (lines: number): boolean => together === undefined && written > lines,
    append(record: object): void {
      if (together) together.push(lineOf(record));
      else write([lineOf(record)]);
    },
    /** What `work` appends is written by one call: all of it survives a kill, or none. */
    together<T>(work: () => T): T {
      if (together) return work();
      together = [];
      try {
        return work();
      } finally {
        const lines = together;
        together = undefined;
        write(lines);
      }
    },
    close(): void {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
export type Journal = ReturnType<typeof openJournal>;

const lineOf = (record: object): string => `${JSON.stringify(record)}\n`;

function existing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
