import { expect, test, vi } from 'vitest';
import { at, type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

type Row = [clause: string, headers: Record<string, string>, second: Outcome];

const FRESHNESS: Row[] = [
  ['RFC 9111 4.2: an answer within max-age is reused', { 'Cache-Control': 'max-age=60' }, 'reused'],
  ['RFC 9111 4.2: an answer that says nothing is not', {}, 'fetched'],
  ['RFC 9111 5.2.2.9: public alone gives no life', { 'Cache-Control': 'public' }, 'fetched'],
  ['RFC 9111 4.2.1: s-maxage beats max-age', { 'Cache-Control': 'max-age=0, s-maxage=60' }, 'reused'],
  ['RFC 9111 4.2.1: in either order', { 'Cache-Control': 's-maxage=60, max-age=0' }, 'reused'],
  ['RFC 9111 4.2.1: also where it is shorter', { 'Cache-Control': 's-maxage=0, max-age=60' }, 'fetched'],
  [
    'RFC 9111 4.2.1: s-maxage beats Expires',
    { 'Cache-Control': 's-maxage=60', Expires: at(-1_000) },
    'reused',
  ],
  ['RFC 9111 5.3: max-age beats Expires', { 'Cache-Control': 'max-age=60', Expires: at(-1_000) }, 'reused'],
  ['RFC 9111 5.3: also where it is shorter', { 'Cache-Control': 'max-age=0', Expires: at(1_000) }, 'fetched'],
  ['RFC 9111 4.2.1: Expires less Date is a life', { Date: at(0), Expires: at(60) }, 'reused'],
  ['RFC 9111 4.2.1: of nothing where they agree', { Date: at(0), Expires: at(0) }, 'fetched'],
  [
    'RFC 9111 4.2.1: by the clock of the origin, if it is fast',
    { Date: at(1_000), Expires: at(500) },
    'fetched',
  ],
  [
    'RFC 9111 4.2.3: a date ahead of ours is no negative age',
    { Date: at(1_000), Expires: at(1_060) },
    'reused',
  ],
  ['RFC 9111 4.2.3: Age counts', { 'Cache-Control': 'max-age=60', Age: '100' }, 'fetched'],
  [
    'RFC 9111 4.2: a life as long as the age is over',
    { 'Cache-Control': 'max-age=60', Age: '60' },
    'fetched',
  ],
  ['RFC 9111 4.2.3: a small Age leaves a rest', { 'Cache-Control': 'max-age=60', Age: '20' }, 'reused'],
  ['RFC 9111 4.2.3: an old Date is an age', { 'Cache-Control': 'max-age=60', Date: at(-100) }, 'fetched'],
  ['RFC 9111 4.2.3: a recent one is not much', { 'Cache-Control': 'max-age=60', Date: at(-20) }, 'reused'],
  [
    'RFC 9111 4.2.3: of Age and Date, the older counts (Date)',
    { 'Cache-Control': 'max-age=60', Age: '1', Date: at(-100) },
    'fetched',
  ],
  [
    'RFC 9111 4.2.3: of Age and Date, the older counts (Age)',
    { 'Cache-Control': 'max-age=60', Age: '100', Date: at(0) },
    'fetched',
  ],
  ['RFC 9111 4.2.3: Age wears Expires down as well', { Date: at(0), Expires: at(60), Age: '100' }, 'fetched'],
  [
    'RFC 9111 4.2.2: Last-Modified is no promise, only a validator',
    { 'Last-Modified': at(-100_000) },
    'validated',
  ],
];

test.each(FRESHNESS)('%s', async (_clause, headers, second) => {
  expect(await cache.outcome({ says: [{ headers }] })).toBe(second);
});

const AGES: [clause: string, headers: Record<string, string>, atLeast: number][] = [
  ['RFC 9111 5.1: what comes from the store says its age', {}, 0],
  ['RFC 9111 4.2.3: counted on from the age it came with', { Age: '30' }, 30],
  ['RFC 9111 4.2.3: or from its Date', { Date: at(-20) }, 20],
  ['RFC 9111 4.2.3: whichever is older', { Age: '10', Date: at(-20) }, 20],
];

test.each(AGES)('%s', async (_clause, headers, atLeast) => {
  const told = await cache.play({ says: [{ headers: { 'Cache-Control': 'max-age=600', ...headers } }] });
  const age = told[1]?.reply.headers['age'];
  expect(age).toMatch(/^\d+$/);
  expect(Number(age)).toBeGreaterThanOrEqual(atLeast);
  expect(Number(age)).toBeLessThan(atLeast + 10);
});

test('RFC 9110 6.6.1: the Date of an answer stays as it was', async () => {
  const date = at(-20);
  const told = await cache.play({ says: [{ headers: { 'Cache-Control': 'max-age=600', Date: date } }] });
  expect(told.map(({ reply }) => reply.headers['date'])).toEqual([date, date]);
});

test('RFC 9110 6.6.1: an answer without a Date gets the one of its arrival, and keeps it', async () => {
  const before = Date.now();
  const path = cache.script({ headers: { 'Cache-Control': 'max-age=600', Date: undefined } });
  const first = await cache.ask(path);
  const after = Date.now();
  await vi.waitFor(
    async () => {
      const { outcome, reply } = await cache.ask(path);
      expect(Number(reply.headers['age'])).toBeGreaterThan(1);
      expect(outcome).toBe('reused');
      const date = Date.parse(reply.headers['date'] ?? '');
      // Dates have whole seconds, and runtimes renew theirs when they find the time.
      expect(date).toBeGreaterThan(before - 5_000);
      expect(date).toBeLessThanOrEqual(after);
    },
    { timeout: 5_000 },
  );
  expect(Date.parse(first.reply.headers['date'] ?? '')).toBeGreaterThan(before - 5_000);
});

test('RFC 9111 4: what is reused is what was sent, status, headers and body', async () => {
  const told = await cache.play({
    says: [{ headers: { 'Cache-Control': 'max-age=600', 'Content-Type': 'text/plain', 'X-Own': 'a, b' } }],
  });
  for (const { reply } of told) {
    expect(reply).toMatchObject({
      status: 200,
      text: 'answer 1',
      headers: { 'content-type': 'text/plain', 'x-own': 'a, b', 'content-length': '8' },
    });
  }
});
