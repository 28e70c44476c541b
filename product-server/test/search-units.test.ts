import { describe, expect, it } from 'vitest';
import { distance } from '../src/search/distance.ts';
import { compose, decompose, letters } from '../src/search/hangul.ts';
import { highlight } from '../src/search/highlight.ts';
import { keysOf, otherKeyboard } from '../src/search/keyboard.ts';
import { bestMatch, readingOf } from '../src/search/match.ts';
import { normalise } from '../src/search/normalise.ts';

describe('a syllable', () => {
  it('is the same after it was taken apart and put together, for all 11,172 of them', () => {
    const all = Array.from({ length: 11_172 }, (_, index) => String.fromCharCode(0xac00 + index));
    const again = all.map((it) => {
      const syllable = decompose(it);
      return syllable && compose(syllable);
    });
    expect(again).toEqual(all);
  });

  it('has the letters that Unicode decomposes it into', () => {
    for (let code = 0xac00; code <= 0xd7a3; code += 1) {
      const { initial, vowel, final } = decompose(String.fromCharCode(code)) ?? {};
      const conjoining = String.fromCharCode(code).normalize('NFD');
      expect(normalise([...conjoining].join(' '))).toBe([initial, vowel, final].filter(Boolean).join(' '));
    }
  });

  it('is no other character', () => {
    expect(['ㄱ', 'a', '1', '漢', ''].map(decompose)).toEqual(Array(5).fill(undefined));
    expect(compose({ initial: 'ㅏ', vowel: 'ㅏ', final: '' })).toBeUndefined();
  });
});

describe('the letters that type a text', () => {
  it.each([
    ['노트북', 'ㄴㅗㅌㅡㅂㅜㄱ'],
    ['과일', 'ㄱㅗㅏㅇㅣㄹ'],
    ['닭', 'ㄷㅏㄹㄱ'],
    ['A 1', 'A 1'],
  ])('of %s are %s', (text, typed) => expect(letters(text)).toBe(typed));
});

describe('the keyboards', () => {
  it.each([
    ['shxmqnr', '노트북'],
    ['dldjvhs', '이어폰'],
    ['rhkdlf', '과일'],
    ['ekfr', '닭'],
    ['ekfrdl', '닭이'],
    ['ekfrk', '달가'],
    ['wprhkqkd', '제과방'],
    ['QkdWlq', '빵찝'],
    ['ㅁㅔㅔㅣㄷ', 'apple'],
    ['ㅣ메새ㅔ', 'laptop'],
    ['앻', 'dog'],
  ])('take %s for %s', (typed, meant) => expect(otherKeyboard(typed)).toBe(meant));

  it.each(['led', 'tv', 'a', 'x1', '123', 'shxm '])('take %s for nothing else', (typed) => {
    expect(otherKeyboard(typed)).toBeUndefined();
  });

  it('bring back what they typed, whatever two syllables follow each other', () => {
    for (let code = 0xac00; code <= 0xd7a3; code += 37) {
      for (const next of ['가', '아', '까', '씻', '훿']) {
        const text = String.fromCharCode(code) + next;
        expect(otherKeyboard(keysOf(text))).toBe(text);
      }
    }
  });
});

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['abc', 'acb', 1],
    ['abcd', 'badc', 2],
    ['abc', 'xyz', 3],
    ['abcdef', 'a', 3],
  ])('from %s to %s is %i, and no more than 3 are counted', (a, b, typos) => {
    expect(distance(a, b, 2)).toBe(typos);
    expect(distance(b, a, 2)).toBe(typos);
  });
});

describe('a word in a text', () => {
  const match = (text: string, word: string) => bestMatch(readingOf(normalise(text)), word);

  it.each([
    ['무선 이어폰', '이어폰', 'exact'],
    ['무선 이어폰', '무선이어폰', 'exact'],
    ['무선 이어폰', '무선이어', 'prefix'],
    ['무선 이어폰', '무선이어포', 'prefix'],
    ['무선 이어폰', 'ㅇㅇㅍ', 'prefix'],
    ['무선 이어폰', '어폰', 'partial'],
    ['무선 이어폰', '어폰', 'partial'],
    ['게이밍 노트북', '노틉', 'unfinished'],
    ['향수 분홍', '수분', undefined],
    ['과일', '고', 'prefix'],
    ['닭', '달', 'prefix'],
    ['달', '닭', undefined],
    ['이어 폰', '이어폰', 'exact'],
  ])('%s has %s as %s', (text, word, quality) => expect(match(text, word)?.quality).toBe(quality));
});

describe('what is marked in a name', () => {
  it.each([
    ['저소음 무선 이어폰', ['무선', '이어폰'], ['무선', '이어폰']],
    ['저소음 무선 이어폰', ['무선이어폰'], ['무선 이어폰']],
    ['Apple 정품 케이스', ['app', '케이'], ['App', '케이']],
    ['½ 컵 ㎖', ['ml'], ['㎖']],
    ['😀 노트북', ['ㄴㅌ'], ['노트']],
    ['노트북 노트', ['노트북', '노트'], ['노트북', '노트']],
    ['머그컵', ['접시'], []],
  ])('%s with %j is %j', (name, words, marked) => {
    expect(highlight(name, words).map(({ start, length }) => name.slice(start, start + length))).toEqual(
      marked,
    );
  });
});
