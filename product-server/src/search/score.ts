import type { Candidate } from './candidate.ts';
import { bestMatch, matchesBefore, type Quality, type Reading, readingOf } from './match.ts';
import { normalise } from './normalise.ts';
import type { SearchedWord } from './query.ts';

/**
 * What relevance is. A word is worth what its best match is worth, a product the mean of the query's words, and only
 * products that have them all are found. So within a field exact goes before the beginning of a word, and that before
 * the middle of one; at the same quality name goes before brand before category before option before description.
 * Among equals the one that sells better goes first. A query is corrected only when nothing was found as it was typed,
 * so a typo never competes with a match.
 */
export const WORTH = {
  name: { exact: 100, prefix: 80, partial: 50, unfinished: 40 },
  brand: { exact: 70, prefix: 60, partial: 35, unfinished: 30 },
  category: { exact: 45, prefix: 40, partial: 30, unfinished: 25 },
  option: 20,
  description: 10,
} as const;

/** On top, by which the order among products with the same words is decided. */
export const BONUS = {
  /** The name is the query, and nothing else. */
  wholeName: 30,
  /** The words follow each other in the name as they do in the query. */
  phrase: 10,
  /** The name ends with it, but for sizes: a 게이밍 노트북 15인치 is one, a 노트북 파우치 is not. */
  head: 5,
} as const;

/** For each word of a query whether the options or the description of a product have it. */
export type InText = readonly boolean[];

/** The score of a product, higher for what fits better; 0 where a word is missing. */
export function scoreOf(candidate: Candidate, words: readonly SearchedWord[], inText: InText = []): number {
  const normal = normalise(candidate.name);
  const name = readingOf(normal);
  const brand = readingOf(normalise(candidate.brand));
  let sum = 0;
  for (const [index, word] of words.entries()) {
    const best = Math.max(
      worth(WORTH.name, bestMatch(name, word.text)?.quality),
      worth(WORTH.brand, bestMatch(brand, word.text)?.quality),
      worth(WORTH.category, word.categories.get(candidate.categoryId)),
    );
    const otherwise = () =>
      isOption(word.text, candidate) ? WORTH.option : inText[index] ? WORTH.description : 0;
    const found = best > 0 ? best : otherwise();
    if (found === 0) return 0;
    sum += found;
  }
  return words.length === 0 ? 0 : sum / words.length + bonusOf(name, headEnd(normal), words);
}

const worth = (field: Record<Quality, number>, quality: Quality | undefined): number =>
  quality ? field[quality] : 0;

const isOption = (word: string, { options }: Candidate): boolean =>
  Object.values(options)
    .flat()
    .some((value) => ` ${normalise(value)}`.includes(` ${word}`));

/** Where the thing that a name names ends: Korean puts it last, and only numbers of something come after it. */
const headEnd = (normal: string): number => normal.replace(/( [0-9][^ ]*)+$/, '').replaceAll(' ', '').length;

function bonusOf(name: Reading, end: number, words: readonly SearchedWord[]): number {
  const phrase = words.map(({ text }) => text).join('');
  if (name.text === phrase) return BONUS.wholeName;
  const isPhrase = words.length > 1 && bestMatch(name, phrase) !== undefined;
  return (isPhrase ? BONUS.phrase : 0) + (matchesBefore(name, end, phrase) ? BONUS.head : 0);
}
