import { initialOf, isSyllable, open } from './hangul.ts';
import { normalise } from './normalise.ts';

/**
 * The terms by which the database finds candidates: short pieces of a product's words, so that any part of a word is
 * an intersection of exact terms. search_terms() in the database makes the same of every product, and a test compares.
 *
 *   노트      two characters in a row, whatever spaces are between them
 *   노ㅌ 어포  the same with the second one half typed
 *   노        a character
 *   ^ㄴ ^노   the first character of a word, half typed
 *   ㄴㅌㅂ    three initial consonants in a row, and two at the start of a word as ^ㄴㅌ
 *   =노트북    a word of the name as it is
 *   .노트북    the first two, three and four characters of a word of options and description
 *   @<id>     the category
 */

/** Characters of a word of options and description that count. */
export const WORD_PREFIX = 4;

export const categoryTerm = (id: string): string => `@${id}`;
export const nameTerm = (word: string): string => `=${word}`;
export const wordTerm = (word: string): string => `.${word.slice(0, WORD_PREFIX)}`;

export interface Indexed {
  name: string;
  brand: string;
  description: string;
  categoryId: string;
  /** The values of all options. */
  options: readonly string[];
}

/** The terms of a product, each once. */
export function documentTerms({ name, brand, description, categoryId, options }: Indexed): Set<string> {
  const terms = new Set([categoryTerm(categoryId)]);
  for (const text of [name, brand]) addPieces(normalise(text), terms);
  for (const word of normalise(name).split(' ')) terms.add(nameTerm(word));
  for (const text of [...options, description]) addWords(normalise(text), terms);
  return terms;
}

function addWords(text: string, terms: Set<string>): void {
  for (const word of text.split(' ')) {
    for (let length = 2; length <= Math.min(WORD_PREFIX, word.length); length += 1) {
      terms.add(`.${word.slice(0, length)}`);
    }
  }
}

function addPieces(text: string, terms: Set<string>): void {
  let before = '';
  let initials = '';
  let startsWord = true;
  let initialsOfWord = '';
  for (const char of text) {
    if (char === ' ') {
      startsWord = true;
      continue;
    }
    const initial = initialOf(char);
    initialsOfWord = startsWord ? initial : initialsOfWord + initial;
    for (const form of isSyllable(char) ? [char, open(char), initial] : [char]) {
      if (before !== '') terms.add(before + form);
      if (startsWord && form !== char) terms.add(`^${form}`);
    }
    terms.add(char);
    initials = isSyllable(char) ? (initials + initial).slice(-3) : '';
    if (initials.length === 3) terms.add(initials);
    if (initialsOfWord.length === 2 && initials.length >= 2) terms.add(`^${initialsOfWord}`);
    before = char;
    startsWord = false;
  }
}
