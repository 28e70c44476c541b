import { COMPOUNDS, compose, decompose, FINALS, isInitial, letters, VOWELS } from './hangul.ts';

/** The Korean standard keyboard (KS X 5002, dubeolsik) beside the English one: which key types which letter. */
const KEYS: Readonly<Record<string, string>> = {
  ...{ ㄱ: 'r', ㄲ: 'R', ㄴ: 's', ㄷ: 'e', ㄸ: 'E', ㄹ: 'f', ㅁ: 'a', ㅂ: 'q', ㅃ: 'Q', ㅅ: 't', ㅆ: 'T' },
  ...{ ㅇ: 'd', ㅈ: 'w', ㅉ: 'W', ㅊ: 'c', ㅋ: 'z', ㅌ: 'x', ㅍ: 'v', ㅎ: 'g', ㅏ: 'k', ㅐ: 'o', ㅑ: 'i' },
  ...{ ㅒ: 'O', ㅓ: 'j', ㅔ: 'p', ㅕ: 'u', ㅖ: 'P', ㅗ: 'h', ㅛ: 'y', ㅜ: 'n', ㅠ: 'b', ㅡ: 'm', ㅣ: 'l' },
};
const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(KEYS).map(([letter, key]) => [key, letter]),
);
const PAIRS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(COMPOUNDS).map(([compound, pair]) => [pair, compound]),
);

/** The keys of the English keyboard that type a text: 노트북 as shxmqnr. */
export const keysOf = (text: string): string => letters(text).replace(/./gu, (it) => KEYS[it] ?? it);

/** What a text that was typed on the wrong keyboard should have been; undefined where it could not be that. */
export function otherKeyboard(typed: string): string | undefined {
  const swapped = /\p{Script=Hangul}/u.test(typed) ? keysOf(typed).toLowerCase() : hangulOf(typed);
  return swapped === typed ? undefined : swapped;
}

/** shxmqnr as 노트북. A capital that types nothing of its own counts as its small letter. */
function hangulOf(keys: string): string | undefined {
  if (!/^[a-zA-Z]{2,}$/.test(keys)) return undefined;
  const typed = [...keys].map((key) => LETTERS[key] ?? LETTERS[key.toLowerCase()] ?? key);
  const text = assemble(typed);
  // Letters that make no syllables are some other word, or one of initials, which nobody types by accident.
  return [...text].every((char) => decompose(char)) ? text : undefined;
}

/** Letters into syllables, as an input method does it: a consonant belongs to the vowel after it. */
function assemble(typed: readonly string[]): string {
  let text = '';
  let at = 0;
  const letter = (offset: number) => typed[at + offset] ?? '';
  const isVowel = (it: string) => it !== '' && VOWELS.includes(it);
  while (at < typed.length) {
    const initial = letter(0);
    if (!isInitial(initial) || !isVowel(letter(1))) {
      text += initial;
      at += 1;
      continue;
    }
    const pair = PAIRS[letter(1) + letter(2)];
    const vowel = pair && isVowel(pair) ? pair : letter(1);
    at += vowel === letter(1) ? 2 : 3;
    const final = finalAt(letter, isVowel);
    at += final.length;
    text += compose({ initial, vowel, final: PAIRS[final] ?? final }) ?? initial + vowel + final;
  }
  return text;
}

/** The one or two letters that end a syllable: those that no vowel follows. */
function finalAt(letter: (offset: number) => string, isVowel: (it: string) => boolean): string {
  const [first, second, third] = [letter(0), letter(1), letter(2)];
  if (first === '' || !FINALS.includes(first) || isVowel(second)) return '';
  const pair = first + second;
  return second !== '' && PAIRS[pair] && !isVowel(third) ? pair : first;
}
