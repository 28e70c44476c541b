import { expect, test } from 'vitest';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

type Fields = Record<string, string | string[]>;
type Row = [clause: string, vary: string | string[], first: Fields, second: Fields, outcome: Outcome];

const ROWS: Row[] = [
  ['RFC 9111 4.1: the same value is the same answer', 'Foo', { Foo: '1' }, { Foo: '1' }, 'reused'],
  ['RFC 9111 4.1: another value is another', 'Foo', { Foo: '1' }, { Foo: '2' }, 'fetched'],
  ['RFC 9111 4.1: what misses in both matches', 'Foo', {}, {}, 'reused'],
  ['RFC 9111 4.1: what misses in the second does not', 'Foo', { Foo: '1' }, {}, 'fetched'],
  ['RFC 9111 4.1: what misses in the first does not', 'Foo', {}, { Foo: '1' }, 'fetched'],
  ['RFC 9111 4.1: empty is not missing', 'Foo', {}, { Foo: '' }, 'fetched'],
  ['RFC 9110 12.5.5: names have no case', 'fOO', { Foo: '1' }, { foo: '1' }, 'reused'],
  ['RFC 9111 4.1: what is not named does not matter', 'Foo', { Bar: '1' }, { Bar: '2' }, 'reused'],
  [
    'RFC 9111 4.1: all that is named has to match',
    'Foo, Bar',
    { Foo: '1', Bar: '1' },
    { Foo: '1', Bar: '2' },
    'fetched',
  ],
  ['RFC 9111 4.1: and is enough', 'Bar, Foo', { Foo: '1', Bar: '1' }, { Bar: '1', Foo: '1' }, 'reused'],
  [
    'RFC 9110 5.3: two lines are one list',
    ['Foo', 'Bar'],
    { Foo: '1', Bar: '1' },
    { Foo: '1', Bar: '2' },
    'fetched',
  ],
  ['RFC 9110 5.6.1: empty members name nothing', ', Foo ,,', { Foo: '1' }, { Foo: '1' }, 'reused'],
  ['RFC 9111 4.1: * never matches', '*', {}, {}, 'fetched'],
  ['RFC 9111 4.1: nor among names', 'Foo, *', { Foo: '1' }, { Foo: '1' }, 'fetched'],
  ['RFC 9111 4.1: nor on a line of its own', ['Foo', '*'], { Foo: '1' }, { Foo: '1' }, 'fetched'],
  ['RFC 9111 4.1: the case of a value counts', 'Foo', { Foo: 'a' }, { Foo: 'A' }, 'fetched'],
  ['RFC 9111 4.1: lines of a list are joined', 'Foo', { Foo: ['a', 'b'] }, { Foo: 'a, b' }, 'reused'],
  ['RFC 9111 4.1: spaces between them are nothing', 'Foo', { Foo: 'a,b' }, { Foo: 'a , b' }, 'reused'],
  ['RFC 9111 4.1: their order counts', 'Foo', { Foo: 'a, b' }, { Foo: 'b, a' }, 'fetched'],
  ['RFC 9111 4.1: a space within quotes counts', 'Foo', { Foo: '"a, b"' }, { Foo: '"a,b"' }, 'fetched'],
  [
    'RFC 9111 4.1: spaces of a field of unknown grammar count',
    'Foo',
    { Foo: 'a; b = c' },
    { Foo: 'a;b=c' },
    'fetched',
  ],
  [
    'RFC 9111 4.1: spaces of one of known grammar do not',
    'Accept-Language',
    { 'Accept-Language': 'ko, en;q=0.5' },
    { 'Accept-Language': 'ko,en; q=0.5' },
    'reused',
  ],
  [
    'RFC 9111 4.1: cookies are a field like others',
    'Cookie',
    { Cookie: 'a=1' },
    { Cookie: 'a=2' },
    'fetched',
  ],
  [
    'RFC 9111 4.1: values cannot be shifted from field to field',
    'A, B',
    { A: '1', B: '2' },
    { A: '1;1:2', B: '' },
    'fetched',
  ],
];

test.each(ROWS)('%s', async (_clause, Vary, first, second, outcome) => {
  const says = [{ headers: { 'Cache-Control': 'max-age=600', Vary } }];
  expect(await cache.outcome({ says, asks: [{ headers: first }, { headers: second }] })).toBe(outcome);
});

test('RFC 9111 4.1: variants live side by side', async () => {
  const asks = ['1', '2', '1', '2'].map((Foo) => ({ headers: { Foo } }));
  const told = await cache.play({
    says: [{ headers: { 'Cache-Control': 'max-age=600', Vary: 'Foo' } }],
    asks,
  });
  expect(told.map(({ reply }) => reply.text)).toEqual(['answer 1', 'answer 2', 'answer 1', 'answer 2']);
});

test('RFC 9111 4.1: every variant is validated by its own tag', async () => {
  const variant = (ETag: string) => ({ headers: { 'Cache-Control': 'no-cache', Vary: 'Foo', ETag } });
  const path = cache.script(variant('"one"'), variant('"two"'), {
    status: 304,
    headers: { ETag: '"one"', Vary: 'Foo' },
  });
  for (const Foo of ['1', '2']) await cache.ask(path, { headers: { Foo } });

  const { reply } = await cache.ask(path, { headers: { Foo: '1' } });

  expect(reply).toMatchObject({ status: 200, text: 'answer 1', headers: { etag: '"one"' } });
  expect(cache.seen(path)[2]?.headers['if-none-match']).toContain('"one"');
});

test('RFC 9111 4: the query is part of the address', async () => {
  const says = [{ headers: { 'Cache-Control': 'max-age=600' } }];
  const asks = (...queries: string[]) => queries.map((query) => ({ query }));
  expect(await cache.outcome({ says, asks: asks('?a=1', '?a=1') })).toBe('reused');
  expect(await cache.outcome({ says, asks: asks('?a=1', '?a=2') })).toBe('fetched');
  expect(await cache.outcome({ says, asks: asks('?a=1&b=2', '?b=2&a=1') })).toBe('fetched');
  expect(await cache.outcome({ says, asks: asks('', '?') })).toBe('fetched');
});

test('RFC 9111 4: the host is part of the address', async () => {
  const says = [{ headers: { 'Cache-Control': 'max-age=600' } }];
  const asks = ['one.test', 'two.test'].map((Host) => ({ headers: { Host } }));
  expect(await cache.outcome({ says, asks })).toBe('fetched');
  expect(await cache.outcome({ says, asks: [asks[0] ?? {}, asks[0] ?? {}] })).toBe('reused');
});

test('RFC 9111 4.1: what varies by a field that this hop sets has no variant that a client could name', async () => {
  const says = [{ headers: { 'Cache-Control': 'max-age=600', Vary: 'X-Forwarded-For' } }];
  const asks = [{}, { headers: { 'X-Forwarded-For': '127.0.0.1' } }];
  expect(await cache.outcome({ says, asks })).toBe('fetched');
});
