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

/** Searches that correcting a query may cost. */
const MAX_ATTEMPTS = 24;
/** Candidates that are looked at to know whether a word occurs at all. */
const PROBED = 20;

export const ranked = (candidates: readonly Candidate[], words: readonly SearchedWord[]): Ranked[] =>
  candidates.map((it) => ({ ...it, score: scoreOf(it, words) })).filter(({ score }) => score > 0);

export function createFinder(repository: SearchRepository, categories: readonly Category[]) {
  async function read(texts: readonly string[], atMost: number): Promise<Omit<Found, 'interpretedAs'>> {
    const words = texts.map((text) => searchedWord(text, categories));
    const expression = words.length > 0 ? expressionOf(words) : undefined;
    if (!expression) return { words, products: [], candidates: 0 };
    const candidates = await repository.listCandidates({ expression, words, atMost });
    return { words, products: ranked(candidates, words), candidates: candidates.length };
  }

  const occurs = async (texts: readonly string[]) => (await read(texts, PROBED)).products.length > 0;

  /** The first other reading of a word with which something is found for the whole query. */
  async function repair(texts: readonly string[], typed: string, atMost: number) {
    let attempts = 0;
    let repaired: string[][] = [];
    for (const text of texts) {
      const raw = rawWord(typed, text);
      let chosen = [text];
      if (!(await occurs([text]))) {
        for await (const reading of otherReadings(text, raw, repository)) {
          attempts += 1;
          if (attempts > MAX_ATTEMPTS) return undefined;
          if (await occurs(reading)) {
            chosen = reading;
            break;
          }
        }
        if (chosen[0] === text) return undefined;
      }
      repaired = [...repaired, chosen];
    }
    const found = await read([...new Set(repaired.flat())], atMost);
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
