import { longer, unfinished } from './half-typed.ts';
import { initialOf, isInitial, isSyllable, open } from './hangul.ts';

/** How well a word of a query fits a text, and where. */

/** A normal text without its spaces, and where its words begin. */
export interface Reading {
  text: string;
  /** The place of each word's first character, and the end of the text. */
  bounds: ReadonlySet<number>;
}

/**
 * A word as it is, the beginning of one, a part of one; or 틉 for 트북, which is as likely a whole syllable as one that
 * is not finished.
 */
export type Quality = 'exact' | 'prefix' | 'partial' | 'unfinished';
export interface Match {
  quality: Quality;
  start: number;
  length: number;
}

export function readingOf(normal: string): Reading {
  const bounds = new Set([0]);
  let text = '';
  for (const word of normal.split(' ')) {
    text += word;
    bounds.add(text.length);
  }
  return { text, bounds };
}

/** The best first. */
export const QUALITIES: readonly Quality[] = ['exact', 'prefix', 'partial', 'unfinished'];

/** The best match of a word in a text, the first of equals. */
export function bestMatch(reading: Reading, word: string): Match | undefined {
  let best: Match | undefined;
  const { text } = reading;
  for (let start = 0; start < text.length; start += 1) {
    const length = lengthAt(text, start, word);
    if (length === 0) continue;
    const quality = qualityOf(reading, start, length, word);
    if (quality === undefined) continue;
    if (!best || QUALITIES.indexOf(quality) < QUALITIES.indexOf(best.quality))
      best = { quality, start, length };
    if (quality === 'exact') break;
  }
  return best;
}

function qualityOf({ text, bounds }: Reading, start: number, length: number, word: string) {
  for (let at = start + 1; at < start + length; at += 1) {
    // 수분 is no part of 향수 분홍: only what begins with a word may run over into the next.
    if (bounds.has(at) && !bounds.has(start)) return undefined;
  }
  if (length > word.length) return 'unfinished';
  if (!bounds.has(start)) return 'partial';
  return bounds.has(start + length) && text.startsWith(word, start) ? 'exact' : 'prefix';
}

/** Whether a match of the word ends at a place of the text. */
export const matchesBefore = ({ text }: Reading, end: number, word: string): boolean =>
  [word.length, word.length + 1].some((length) => lengthAt(text, end - length, word) === length);

/** How many characters of `text` from `start` on are the word; 0 where they are not. */
function lengthAt(text: string, start: number, word: string): number {
  const last = word.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const wanted = word.charAt(index);
    const found = text.charAt(start + index);
    if (found === wanted) continue;
    if (found === '') return 0;
    if (isInitial(wanted) && initialOf(found) === wanted) continue;
    if (index === last && isSyllable(wanted)) return halfTyped(text, start + index, wanted, word.length);
    return 0;
  }
  return word.length;
}

/** The last syllable of a word while it is being typed: 포 of 폰, 고 of 과, 틉 of 트북. */
function halfTyped(text: string, at: number, wanted: string, length: number): number {
  const found = text.charAt(at);
  if (open(found) === wanted) return length;
  if (longer(wanted).some((it) => it === found || it === open(found))) return length;
  const { base, following } = unfinished(wanted);
  return base === found && initialOf(text.charAt(at + 1)) === following ? length + 1 : 0;
}
