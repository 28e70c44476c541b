import type { Candidate, Ranked } from './candidate.ts';
import { expressionOf } from './expression.ts';
import { type Category, type SearchedWord, searchedWord, wordsOf } from './query.ts';
import { otherReadings } from './repair.ts';
import type { SearchRepository } from './repository.ts';
import { scoreOf } from './score.ts';

/** What was found for a query, read as it was typed or, where that finds nothing, as it may have been meant. */
export interface Found {
  words: SearchedWord[];
  products: Ranked[];
  /** How many the database gave: as many as were asked for means that there may be more. */
  candidates: number;
  /** The words that were searched for instead. */
  interpretedAs: string | null;
}

/** Readings of one word that are tried. */
const MAX_ATTEMPTS = 8;
/** Candidates that are looked at to know whether a word occurs at all. */
const PROBED = 20;

/** Candidates with their scores, without those that do not match after all. */
export async function rank(
  candidates: readonly Candidate[],
  words: readonly SearchedWord[],
  repository: SearchRepository,
): Promise<Ranked[]> {
  const scored = candidates.map((it) => ({ ...it, score: scoreOf(it, words) }));
  const rest = scored.filter(({ score }) => score === 0).map(({ id }) => id);
  if (rest.length === 0) return scored;
  const inText = await repository.listInText(rest, words);
  return scored
    .map((it) => (it.score === 0 ? { ...it, score: scoreOf(it, words, inText.get(it.id)) } : it))
    .filter(({ score }) => score > 0);
}

export function createFinder(repository: SearchRepository, categories: readonly Category[]) {
  async function read(texts: readonly string[], atMost: number): Promise<Omit<Found, 'interpretedAs'>> {
    const words = texts.map((text) => searchedWord(text, categories));
    const expression = words.length > 0 ? expressionOf(words) : undefined;
    if (!expression) return { words, products: [], candidates: 0 };
    const candidates = await repository.listCandidates({ expression, atMost });
    return { words, products: await rank(candidates, words, repository), candidates: candidates.length };
  }

  /** What is found for the first other reading of a word that is nowhere. */
  async function repairWord(text: string, typed: string, atMost: number) {
    let attempts = 0;
    for await (const reading of otherReadings(text, rawWord(typed, text), repository)) {
      const found = await read(reading, atMost);
      if (found.products.length > 0) return found;
      attempts += 1;
      if (attempts === MAX_ATTEMPTS) return undefined;
    }
    return undefined;
  }

  /** What is found with another reading for every word that is nowhere. */
  async function repair(texts: readonly string[], typed: string, atMost: number) {
    const [only = ''] = texts;
    if (texts.length === 1) return repairWord(only, typed, atMost);
    const repaired: string[] = [];
    for (const text of texts) {
      const occurs = (await read([text], PROBED)).products.length > 0;
      const words = occurs ? [text] : (await repairWord(text, typed, PROBED))?.words.map((it) => it.text);
      if (!words) return undefined;
      repaired.push(...words);
    }
    // Every word occurs, only not together.
    if (repaired.join(' ') === texts.join(' ')) return undefined;
    const found = await read([...new Set(repaired)], atMost);
    return found.products.length > 0 ? found : undefined;
  }

  return async (typed: string, atMost: number): Promise<Found> => {
    const texts = wordsOf(typed);
    const found = await read(texts, atMost);
    if (found.products.length > 0 || texts.length === 0) return { ...found, interpretedAs: null };
    const repaired = await repair(texts, typed, atMost);
    if (!repaired) return { ...found, interpretedAs: null };
    return { ...repaired, interpretedAs: repaired.words.map(({ text }) => text).join(' ') };
  };
}

/** A word with the capitals it was typed with, where they can be told. */
function rawWord(typed: string, word: string): string {
  return typed.split(/\s+/).find((it) => it.toLowerCase() === word) ?? word;
}
