import { COMPOUNDS, compose, decompose, isInitial } from './hangul.ts';

/** What a syllable may become while it is typed. */

interface Unfinished {
  base?: string;
  following?: string;
}

function split(char: string): Unfinished {
  const syllable = decompose(char);
  if (!syllable?.final) return {};
  const [kept = '', moved] = [...(COMPOUNDS[syllable.final] ?? syllable.final)];
  const following = moved ?? kept;
  const base = compose({ ...syllable, final: moved ? kept : '' });
  return base && isInitial(following) ? { base, following } : {};
}

function grow(char: string): readonly string[] {
  const syllable = decompose(char);
  if (!syllable) return [];
  const grown = syllable.final ? 'final' : 'vowel';
  return Object.entries(COMPOUNDS).flatMap(([compound, pair]) => {
    if (!pair.startsWith(syllable[grown])) return [];
    return compose({ ...syllable, [grown]: compound }) ?? [];
  });
}

/** Of a syllable, remembered: ranking asks for every character of every candidate. */
function remembered<T>(of: (char: string) => T): (char: string) => T {
  const known = new Map<string, T>();
  return (char) => {
    const before = known.get(char);
    if (before !== undefined) return before;
    const value = of(char);
    known.set(char, value);
    return value;
  };
}

/** 틉 as 트 and the ㅂ of the next syllable; nothing follows a syllable without final. */
export const unfinished = remembered(split);

/** 과 of 고, 닭 of 달: syllables whose typing passes through this one, where one more letter does not show it. */
export const longer = remembered(grow);
