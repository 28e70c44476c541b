/** The one form in which words are compared. The database has the same as search_normal(), and a test compares both. */

/** Compatibility jamo, and as which of them the conjoining jamo of a decomposed text count. */
const JAMO = 'ㄱ-ㅣ';
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
const FINALS = 'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';

const PLAIN = new RegExp(`^[0-9a-z가-힣${JAMO}]+( [0-9a-z가-힣${JAMO}]+)*$`);
/** What joins the letters around it instead of parting them. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\ufeff'’]/g;
const NOT_JAMO = new RegExp(`[^${JAMO}]+`, 'g');
const CONJOINING = /[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]/g;
/** Words are of digits, Latin letters, Hangul, Hanja and kana. */
const OTHERS = new RegExp(`[^0-9a-z가-힣${JAMO}一-鿿ぁ-ゖァ-ヺー]+`, 'g');

function compatibilityJamo(char: string): string {
  const code = char.charCodeAt(0);
  if (code <= 0x1112) return INITIALS.charAt(code - 0x1100);
  return code <= 0x1175 ? VOWELS.charAt(code - 0x1161) : FINALS.charAt(code - 0x11a8);
}

/**
 * Words of small letters parted by single spaces: compatibility forms (full width, ①, ㎖) as what they stand for,
 * without accents, invisible characters and punctuation; Hangul composed, and letters of unfinished syllables kept.
 * Empty where nothing can be searched for.
 */
export function normalise(text: string): string {
  if (PLAIN.test(text)) return text;
  return (
    text
      .normalize('NFC')
      .replace(INVISIBLE, '')
      // NFKD would take compatibility jamo for parts of syllables.
      .replace(NOT_JAMO, (run) =>
        run
          .normalize('NFKD')
          .replace(/[\u0300-\u036f]/g, '')
          .normalize('NFC'),
      )
      .replace(CONJOINING, compatibilityJamo)
      .replace(/[A-Z]/g, (char) => char.toLowerCase())
      .replace(OTHERS, ' ')
      .trim()
  );
}
