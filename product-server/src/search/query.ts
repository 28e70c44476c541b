import { type Node, withDescendants } from '../category/tree.ts';
import type { QueryWord } from './expression.ts';
import { bestMatch, type Quality, readingOf } from './match.ts';
import { normalise } from './normalise.ts';

/** Words of a query that count; who needs more has pasted a page. */
const MAX_WORDS = 10;

export interface Category extends Node {
  name: string;
}

/** A word, and how well it fits the categories that it is part of the name of, or whose ancestors it is. */
export interface SearchedWord extends QueryWord {
  categories: ReadonlyMap<string, Quality>;
}

/** The words of what somebody typed, each once; none where there is nothing to search for. */
export function wordsOf(typed: string): string[] {
  return [...new Set(normalise(typed).split(' '))].filter((word) => word !== '').slice(0, MAX_WORDS);
}

export function searchedWord(text: string, categories: readonly Category[]): SearchedWord {
  const fitting = categoriesOf(text, categories);
  return { text, categories: fitting, categoryIds: [...fitting.keys()] };
}

function categoriesOf(word: string, categories: readonly Category[]): Map<string, Quality> {
  const fitting = new Map<string, Quality>();
  // One letter or character is part of too many names to mean one.
  if (word.length < 2) return fitting;
  for (const category of categories) {
    const match = bestMatch(readingOf(normalise(category.name)), word);
    if (!match) continue;
    for (const { id } of withDescendants(categories, category)) {
      if (!fitting.has(id)) fitting.set(id, match.quality);
    }
  }
  return fitting;
}
