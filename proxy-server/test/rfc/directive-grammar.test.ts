import { expect, test } from 'vitest';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const DIRECTIVES: [clause: string, field: string | string[], second: Outcome][] = [
  ['RFC 9111 5.2: names of directives have no case', 'MaX-aGe=60', 'reused'],
  ['RFC 9111 5.2: nor have those that forbid', 'max-age=60, No-StOrE', 'fetched'],
  ['RFC 9111 5.2: an argument may be quoted', 'max-age="60"', 'reused'],
  ['RFC 9111 5.2: but not in single quotes', "max-age='60'", 'fetched'],
  ['RFC 9111 5.2.3: what is unknown is ignored', 'max-age=60, community="UCI", x, y=1', 'reused'],
  ['RFC 9110 5.6.1: empty members of a list are nothing', ', ,max-age=60 ,,', 'reused'],
  ['RFC 9110 5.3: two lines are one list', ['public', 'max-age=60'], 'reused'],
  ['RFC 9110 5.3: what the second line forbids counts', ['max-age=60', 'no-store'], 'fetched'],
  ['RFC 9110 5.6.4: what is quoted gives no life', 'x="max-age=60"', 'fetched'],
  ['RFC 9110 5.6.4: nor changes one', 'x="max-age=3600", max-age=0', 'fetched'],
  ['RFC 9110 5.6.4: nor behind it', 'max-age=0, x="max-age=3600"', 'fetched'],
  ['RFC 9110 5.6.4: what is quoted forbids nothing', 'max-age=60, x="a, no-store, b"', 'reused'],
  ['RFC 9110 5.6.4: an escaped quote ends nothing', String.raw`x="a\", no-store, \"b", max-age=60`, 'reused'],
  [
    'RFC 9110 5.6.4: an escaped backslash escapes nothing',
    String.raw`x="\\", no-store, max-age=60`,
    'fetched',
  ],
  ['RFC 9110 5.6.4: a quote that never closes hides nothing', 'max-age=60, x="oops, no-store', 'fetched'],
  ['RFC 9111 5.2: no space before the equals sign', 'max-age =60', 'fetched'],
  ['RFC 9111 5.2: nor behind it', 'max-age= 60', 'fetched'],
  ['RFC 9111 4.2.1: a life that is a word is none', 'max-age=soon', 'fetched'],
  ['RFC 9111 4.2.1: nor is a number with a unit', 'max-age=60s', 'fetched'],
  ['RFC 9111 4.2.1: nor is a negative one', 'max-age=-60', 'fetched'],
  ['RFC 9111 4.2.1: nor one with a sign', 'max-age=+60', 'fetched'],
  ['RFC 9111 4.2.1: nor is a fraction', 'max-age=60.5', 'fetched'],
  ['RFC 9111 4.2.1: nor is 60 in another notation', 'max-age=0x3c', 'fetched'],
  ['RFC 9111 4.2.1: nor is nothing', 'max-age=', 'fetched'],
  ['RFC 9111 4.2.1: nor is no argument', 'max-age', 'fetched'],
  [
    'RFC 9111 4.2.1: an s-maxage without sense does not leave it to max-age',
    's-maxage=x, max-age=60',
    'fetched',
  ],
  ['RFC 9111 1.2.2: leading zeros are digits', 'max-age=0060', 'reused'],
  ['RFC 9111 1.2.2: a life of 2^31 is long', 'max-age=2147483648', 'reused'],
  ['RFC 9111 1.2.2: one beyond every number is, too', `max-age=${'9'.repeat(400)}`, 'reused'],
  ['RFC 9111 4.2.1: of two lives, the first counts or none', 'max-age=0, max-age=60', 'fetched'],
  ['RFC 9111 4.2.1: also on two lines', ['max-age=0', 'max-age=60'], 'fetched'],
  ['RFC 9111 4.2.1: also for shared caches', 's-maxage=0, s-maxage=60', 'fetched'],
  ['RFC 9111 4.2.1: the same said twice is said once', 'max-age=60, max-age=60', 'reused'],
  ['RFC 9111 4.2.1: of what contradicts itself, the strict wins', 'public, private, max-age=60', 'fetched'],
  ['RFC 9111 5.2: a directive ends only at a comma', 'max-age=60; no-store', 'fetched'],
];

test.each(DIRECTIVES)('%s', async (_clause, field, second) => {
  expect(await cache.outcome({ says: [{ headers: { 'Cache-Control': field } }] })).toBe(second);
});

test('RFC 9111 5.4: Pragma means nothing in an answer', async () => {
  const headers = { Pragma: 'no-cache', 'Cache-Control': 'max-age=60' };
  expect(await cache.outcome({ says: [{ headers }] })).toBe('reused');
});

test('a field of many kilobytes is read to its end', async () => {
  const headers = { 'Cache-Control': `max-age=60, ${'x="no-store", '.repeat(400)}no-store` };
  expect(await cache.outcome({ says: [{ headers }] })).toBe('fetched');
});
