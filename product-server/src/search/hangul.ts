/**
 * Hangul syllables and their letters (jamo). A syllable is U+AC00 + (initial * 21 + vowel) * 28 + final (The Unicode
 * Standard, section 3.12). Single letters are the compatibility jamo U+3131 to U+3163, which keyboards type.
 */

export const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
export const VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
/** The first one stands for no final. */
export const FINALS = '_ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';

/** Letters that are typed as two. */
export const COMPOUNDS: Readonly<Record<string, string>> = {
  ...{ ㅘ: 'ㅗㅏ', ㅙ: 'ㅗㅐ', ㅚ: 'ㅗㅣ', ㅝ: 'ㅜㅓ', ㅞ: 'ㅜㅔ', ㅟ: 'ㅜㅣ', ㅢ: 'ㅡㅣ' },
  ...{ ㄳ: 'ㄱㅅ', ㄵ: 'ㄴㅈ', ㄶ: 'ㄴㅎ', ㄺ: 'ㄹㄱ', ㄻ: 'ㄹㅁ', ㄼ: 'ㄹㅂ' },
  ...{ ㄽ: 'ㄹㅅ', ㄾ: 'ㄹㅌ', ㄿ: 'ㄹㅍ', ㅀ: 'ㄹㅎ', ㅄ: 'ㅂㅅ' },
};

const FIRST = 0xac00;
const COUNT = INITIALS.length * VOWELS.length * FINALS.length;

export interface Syllable {
  initial: string;
  vowel: string;
  /** Empty where there is none. */
  final: string;
}

const code = (char: string) => char.charCodeAt(0) - FIRST;

export const isSyllable = (char: string): boolean => code(char) >= 0 && code(char) < COUNT;
export const isInitial = (char: string): boolean => char !== '' && INITIALS.includes(char);

/** The letters of a syllable; undefined of anything else. */
export function decompose(char: string): Syllable | undefined {
  if (!isSyllable(char)) return undefined;
  const index = code(char);
  const final = index % FINALS.length;
  return {
    initial: INITIALS.charAt(Math.floor(index / FINALS.length / VOWELS.length)),
    vowel: VOWELS.charAt(Math.floor(index / FINALS.length) % VOWELS.length),
    final: final === 0 ? '' : FINALS.charAt(final),
  };
}

/** The syllable of three letters; undefined where they make none. */
export function compose({ initial, vowel, final }: Syllable): string | undefined {
  const letters = [INITIALS.indexOf(initial), VOWELS.indexOf(vowel), final ? FINALS.indexOf(final, 1) : 0];
  const [first = -1, second = -1, third = -1] = letters;
  if (initial === '' || vowel === '' || letters.includes(-1)) return undefined;
  return String.fromCharCode(FIRST + (first * VOWELS.length + second) * FINALS.length + third);
}

/** 트 of 틉: the syllable before its final was typed. */
export function open(char: string): string {
  return isSyllable(char) ? String.fromCharCode(FIRST + code(char) - (code(char) % FINALS.length)) : char;
}

/** ㄴ of 노; other characters are their own. */
export const initialOf = (char: string): string => decompose(char)?.initial ?? char;

/** 노트북 as ㄴㅗㅌㅡㅂㅜㄱ, compounds as the letters that they are typed with; other characters as they are. */
export function letters(text: string): string {
  let typed = '';
  for (const char of text) {
    const { initial, vowel, final } = decompose(char) ?? { initial: char, vowel: '', final: '' };
    for (const letter of initial + vowel + final) typed += COMPOUNDS[letter] ?? letter;
  }
  return typed;
}
