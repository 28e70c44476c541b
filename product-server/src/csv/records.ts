import { setImmediate } from 'node:timers/promises';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** A record of a file (RFC 4180), or why a line is none. Empty lines are neither. */
export type CsvRecord = { line: number } & ({ cells: string[] } | { problem: string });

/** Characters and lines that one record may have: where a quote is not closed, the lines after it are records again. */
const MAX_RECORD = 65_536;
const MAX_LINES = 500;
/** Records between two breaths: others have requests too. */
const BREATH = 200;

/** The records of a text one by one. A line that is broken breaks no other. */
export async function* recordsOf(text: string): AsyncGenerator<CsvRecord> {
  let [at, line, count] = [0, 1, 0];
  while (at < text.length) {
    const { record, next, lines } = recordAt(text, at, line);
    if (record) yield record;
    [at, line, count] = [next, line + lines, count + 1];
    if (count % BREATH === 0) await setImmediate();
  }
}

interface Reading {
  record?: CsvRecord;
  /** Where the next one begins. */
  next: number;
  lines: number;
}

function recordAt(text: string, start: number, line: number): Reading {
  const first = endOfLine(text, start);
  const alone = { next: first, lines: 1 };
  if (text.slice(start, first).trim() === '') return alone;
  let [end, lines] = [first, 1];
  let open = isOdd(text, start, end);
  while (open && end < text.length && end - start < MAX_RECORD && lines < MAX_LINES) {
    const following = endOfLine(text, end);
    if (isOdd(text, end, following)) open = false;
    [end, lines] = [following, lines + 1];
  }
  if (open) return { ...alone, record: { line, problem: 'a quote is not closed' } };
  if (end - start > MAX_RECORD) return { ...alone, record: { line, problem: 'is too long' } };
  try {
    const [cells = []] = parse(text.slice(start, end), { relax_column_count: true });
    return { record: { line, cells }, next: end, lines };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { ...alone, record: { line, problem: 'a quote is in the wrong place' } };
  }
}

/** Behind the line end, whether it is LF, CRLF or that of the text. */
function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

function isOdd(text: string, from: number, to: number): boolean {
  let odd = false;
  for (let at = text.indexOf('"', from); at !== -1 && at < to; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}
