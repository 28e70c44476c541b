import type { Filters } from './filters.ts';
import { longer, unfinished } from './half-typed.ts';
import { isInitial } from './hangul.ts';
import { normalise } from './normalise.ts';
import { categoryTerm, nameTerm, wordTerm } from './terms.ts';

/** What PostgreSQL is asked: a tsquery over the terms of terms.ts that finds all that matches, and little more. */

/** Stands in every term for the tier of popularity that is looked at. */
export const TIER = '~';

const term = (text: string): string => `'${TIER}${text}'`;
const every = (parts: readonly string[]): string =>
  parts.length > 1 ? `(${parts.join(' & ')})` : `${parts[0]}`;
const some = (parts: readonly string[]): string =>
  parts.length > 1 ? `(${parts.join(' | ')})` : `${parts[0]}`;

/** One word of a query, and the categories whose name it is part of. */
export interface QueryWord {
  text: string;
  categoryIds: readonly string[];
}

/** Finds the products in which every word occurs; undefined where a word cannot occur in any. */
export function expressionOf(words: readonly QueryWord[]): string | undefined {
  const parts = words.map(wordExpression);
  return parts.every((part) => part !== undefined) ? every(parts) : undefined;
}

/** Finds the products whose name has every word as it is. */
export const nameExpressionOf = (words: readonly QueryWord[]): string =>
  every(words.map(({ text }) => term(nameTerm(text))));

/** Finds the products that have the word in an option or in their description. */
export const textExpressionOf = ({ text }: QueryWord): string => term(wordTerm(text));

/**
 * The same narrowed by what the index knows of filters: the category, and the words of chosen options. Whether an option
 * has just that value is for the filter itself to say.
 */
export function narrowed(expression: string, { categoryIds, options }: Filters): string {
  const chosen = [...options.values()].flatMap((values) => {
    const parts = values.map((value) =>
      normalise(value)
        .split(' ')
        .filter((word) => word.length > 1),
    );
    return parts.some((words) => words.length === 0)
      ? []
      : some(parts.map((words) => every(words.map((word) => term(wordTerm(word))))));
  });
  const within =
    categoryIds && categoryIds.length > 0 ? [some(categoryIds.map((id) => term(categoryTerm(id))))] : [];
  return every([expression, ...within, ...chosen]);
}

function wordExpression(word: QueryWord): string | undefined {
  const found = pieces(word.text);
  const parts = [
    ...(found ? [found] : []),
    ...(word.text.length > 1 ? [textExpressionOf(word)] : []),
    ...word.categoryIds.map((id) => term(categoryTerm(id))),
  ];
  return parts.length > 0 ? some(parts) : undefined;
}

/** The terms of a part of a name or a brand; undefined where a letter alone says too little. */
export function pieces(word: string): string | undefined {
  const chars = [...word];
  if (chars.every(isInitial)) return initials(word);
  if (chars.length === 1) return single(word);
  const pairs = chars.slice(1).flatMap((char, index) => {
    const before = chars[index] ?? '';
    // No term begins with a letter of a syllable: the terms around it narrow enough.
    if (isLetter(before)) return [];
    return index === chars.length - 2 ? lastPair(before, char) : term(before + char);
  });
  if (pairs.length > 0) return every(pairs);
  const whole = chars.filter((char) => !isLetter(char));
  return whole.length > 0 ? every(whole.map(term)) : undefined;
}

const isLetter = (char: string): boolean => char >= 'ㄱ' && char <= 'ㅣ';

function initials(word: string): string {
  if (word.length < 3) return term(`^${word}`);
  return every(Array.from({ length: word.length - 2 }, (_, at) => term(word.slice(at, at + 3))));
}

function single(char: string): string | undefined {
  if (isLetter(char)) return undefined;
  const { base, following } = unfinished(char);
  const half = following && base ? [term(base + following)] : [];
  return some([term(char), ...longer(char).map(term), ...(following ? [] : [term(`^${char}`)]), ...half]);
}

/** The last character of a word may be half typed. */
function lastPair(before: string, char: string): string {
  const { base, following } = unfinished(char);
  const half = following && base ? [every([term(before + base), term(base + following)])] : [];
  return some([term(before + char), ...longer(char).map((it) => term(before + it)), ...half]);
}
