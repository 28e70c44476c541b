import { distance } from './distance.ts';
import { keysOf, otherKeyboard } from './keyboard.ts';
import { normalise } from './normalise.ts';
import type { SearchRepository } from './repository.ts';

/** What a word that is nowhere in the catalogue may have meant. */

/** Known words that are compared key by key, and how many of them are tried. */
const COMPARED = 40;
const TRIED = 3;

/** Typos that are forgiven: none in what is typed with three keys, two from six keys on. */
const forgiven = (keys: string): number => (keys.length < 4 ? 0 : keys.length < 6 ? 1 : 2);

/**
 * Other ways to read a word, the likeliest first: typed on the other keyboard, two words without the space between
 * them, a typo. `raw` is the word as it was typed, for its capitals are other letters on the Korean keyboard.
 */
export async function* otherReadings(
  word: string,
  raw: string,
  words: SearchRepository,
): AsyncGenerator<string[], void> {
  const swapped = [otherKeyboard(raw), otherKeyboard(word)].flatMap((it) => (it ? normalise(it) : []));
  for (const reading of new Set(swapped)) if (reading !== '') yield reading.split(' ');
  yield* halves(word, words);
  for (const reading of await nearest(word, words)) yield [reading];
}

/** 소리결이어폰 as 소리결 and 이어폰: the splits of which both parts are known, the longest first part first. */
async function* halves(word: string, words: SearchRepository): AsyncGenerator<string[], void> {
  const splits = Array.from({ length: Math.max(0, word.length - 3) }, (_, index) => {
    const at = word.length - 2 - index;
    return [word.slice(0, at), word.slice(at)] as const;
  });
  if (splits.length === 0) return;
  const known = await words.listKnown(splits.flat());
  for (const [first, second] of splits) if (known.has(first) && known.has(second)) yield [first, second];
}

async function nearest(word: string, words: SearchRepository): Promise<string[]> {
  const keys = keysOf(word);
  const most = forgiven(keys);
  if (most === 0) return [];
  const compared = (await words.listWordsLike(keys, COMPARED))
    .map((known) => ({
      word: known.word,
      typos: distance(keys, known.keys, most),
      first: known.keys[0] === keys[0],
    }))
    // Two typos that change how many syllables there are make another word: 시제품 is no 식품.
    .filter((it) => it.typos > 0 && it.typos <= most && (it.typos === 1 || it.word.length === word.length));
  // People rarely mistype the first letter. The sort keeps the order of likeness among equals.
  compared.sort((a, b) => a.typos - b.typos || Number(b.first) - Number(a.first));
  return compared.slice(0, TRIED).map((it) => it.word);
}
