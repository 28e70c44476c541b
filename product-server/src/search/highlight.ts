import { bestMatch, readingOf } from './match.ts';
import { normalise } from './normalise.ts';

export interface Range {
  start: number;
  length: number;
}

/** The parts of a text (in NFC) in which words match, in UTF-16 code units, in order and without overlaps. */
export function highlight(text: string, words: readonly string[]): Range[] {
  const reading = readingOf(normalise(text));
  const places = placesOf(text);
  const ranges = words.flatMap((word) => {
    const match = bestMatch(reading, word);
    if (!match) return [];
    const first = places[match.start];
    const last = places[match.start + match.length - 1];
    return first && last ? { start: first.start, end: last.end } : [];
  });
  return merge(ranges).map(({ start, end }) => ({ start, length: end - start }));
}

interface Span {
  start: number;
  end: number;
}

/** From where in the text each character of its normal form comes. */
function placesOf(text: string): Span[] {
  const places: Span[] = [];
  let start = 0;
  for (const char of text) {
    const end = start + char.length;
    for (const _ of normalise(char).replaceAll(' ', '')) places.push({ start, end });
    start = end;
  }
  return places;
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}
