import { describe, expect, it } from 'vitest';
import { ifNoneMatch } from '../src/server/index.ts';

const ETAG = '"abc"';

describe('If-None-Match', () => {
  it.each([
    ['the tag', '"abc"'],
    ['the tag as a weak one', 'W/"abc"'],
    ['the tag among others', '"x", W/"abc" , "y"'],
    ['anything', ' * '],
  ])('finds %s', (_name, header) => {
    expect(ifNoneMatch(header, ETAG)).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['an empty field', ''],
    ['another tag', '"abcd"'],
    ['a tag without its quotes', 'abc'],
    ['a tag that begins alike', '"ab'],
  ])('does not take %s for it', (_name, header) => {
    expect(ifNoneMatch(header, ETAG)).toBe(false);
  });
});
