import { expect, test } from 'vitest';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

type Row = [clause: string, stored: string, age: number, asked: string, second: Outcome];

const ROWS: Row[] = [
  ['RFC 9111 5.2.1.4: no-cache wants a validation', 'max-age=60', 0, 'no-cache', 'validated'],
  ['RFC 9111 5.2.1.1: so does max-age=0', 'max-age=60', 0, 'max-age=0', 'validated'],
  ['RFC 9111 5.2.1.1: what is older than max-age will not do', 'max-age=60', 30, 'max-age=10', 'validated'],
  ['RFC 9111 5.2.1.1: what is younger will', 'max-age=60', 30, 'max-age=50', 'reused'],
  ['RFC 9111 5.2.1.1: a long max-age makes nothing fresh', 'max-age=60', 100, 'max-age=1000', 'validated'],
  [
    'RFC 9111 5.2.1.3: what will not be fresh for long will not do',
    'max-age=60',
    30,
    'min-fresh=40',
    'validated',
  ],
  ['RFC 9111 5.2.1.3: what will be, will', 'max-age=60', 30, 'min-fresh=20', 'reused'],
  ['RFC 9111 5.2.1.2: max-stale takes what is over', 'max-age=60', 100, 'max-stale=100', 'reused'],
  ['RFC 9111 5.2.1.2: however long, if it says no number', 'max-age=60', 100_000, 'max-stale', 'reused'],
  ['RFC 9111 5.2.1.2: but not longer than it says', 'max-age=60', 100, 'max-stale=20', 'validated'],
  [
    'RFC 9111 5.2.1.2: a number without sense takes nothing',
    'max-age=60',
    100,
    'max-stale=long',
    'validated',
  ],
  [
    'RFC 9111 5.2.2.2: must-revalidate is not overruled',
    'max-age=60, must-revalidate',
    100,
    'max-stale',
    'validated',
  ],
  [
    'RFC 9111 5.2.2.8: nor is proxy-revalidate',
    'max-age=60, proxy-revalidate',
    100,
    'max-stale',
    'validated',
  ],
  ['RFC 9111 5.2.2.10: nor is s-maxage', 's-maxage=60', 100, 'max-stale', 'validated'],
  ['RFC 9111 5.2.2.4: nor is no-cache', 'max-age=60, no-cache', 0, 'max-stale', 'validated'],
  ['RFC 9111 5.2.1: a max-age without sense is the strictest', 'max-age=60', 0, 'max-age=some', 'validated'],
  ['RFC 9111 5.2.1: directives have no case', 'max-age=60', 0, 'No-Cache', 'validated'],
  ['RFC 9111 5.2.1: what is unknown is ignored', 'max-age=60', 0, 'x="no-cache", no-transform', 'reused'],
  ['RFC 9111 5.2.1.4: no-cache beats max-stale', 'max-age=60', 0, 'max-stale, no-cache', 'validated'],
  [
    'RFC 5861 3: who wants it new does not get it while it is renewed',
    'max-age=60, stale-while-revalidate=60',
    100,
    'no-cache',
    'validated',
  ],
  [
    'RFC 5861 3: nor who names an age',
    'max-age=60, stale-while-revalidate=60',
    100,
    'max-age=10',
    'validated',
  ],
  [
    'RFC 9111 5.2.1.7: only-if-cached is answered from the store',
    'max-age=60',
    0,
    'only-if-cached',
    'reused',
  ],
  ['RFC 9111 5.2.1.7: or with an error', 'max-age=60', 100, 'only-if-cached', 'refused'],
  ['RFC 9111 5.2.1.7: also where it must be new', 'max-age=60', 0, 'only-if-cached, no-cache', 'refused'],
];

test.each(ROWS)('%s (%s, %d s old: %s)', async (_clause, stored, age, asked, second) => {
  const headers = { 'Cache-Control': stored, ETag: '"a"', Age: String(age) };
  const told = await cache.play({ says: [{ headers }], asks: [{}, { headers: { 'Cache-Control': asked } }] });
  expect(told[1]?.outcome).toBe(second);
  if (second === 'refused') expect(told[1]?.reply.status).toBe(504);
});

test('RFC 9111 5.2.1.7: nothing stored is a 504, without a word to the origin', async () => {
  const [first] = await cache.play({
    says: [{}],
    asks: [{ headers: { 'Cache-Control': 'only-if-cached' } }],
  });
  expect([first?.outcome, first?.reply.status]).toEqual(['refused', 504]);
});

test('RFC 9111 5.4: Pragma is understood where there is no Cache-Control', async () => {
  const says = [{ headers: { 'Cache-Control': 'max-age=60', ETag: '"a"' } }];
  const asks = (headers: Record<string, string>) => [{}, { headers }];
  expect(await cache.outcome({ says, asks: asks({ Pragma: 'no-cache' }) })).toBe('validated');
  expect(
    await cache.outcome({ says, asks: asks({ Pragma: 'no-cache', 'Cache-Control': 'max-age=50' }) }),
  ).toBe('reused');
});

test('RFC 9111 5.2.1.4: what was validated for one is fresh for all', async () => {
  const headers = { 'Cache-Control': 'max-age=60', ETag: '"a"' };
  const asks = [{}, { headers: { 'Cache-Control': 'no-cache' } }, {}];
  const told = await cache.play({ says: [{ headers }, { headers, body: 'new' }], asks });
  expect(told.map(({ reply }) => reply.text)).toEqual(['answer 1', 'new', 'new']);
});

const COVERED: [clause: string, stored: string, asked: string, status: number][] = [
  [
    'RFC 5861 4: a client may put up with the old where the origin fails',
    'max-age=60',
    'stale-if-error=60',
    200,
  ],
  ['RFC 5861 4: for as long as it says', 'max-age=60', 'stale-if-error=20', 503],
  [
    'RFC 9111 5.2.2.2: but not with what must be validated',
    'max-age=60, must-revalidate',
    'stale-if-error=60',
    503,
  ],
];

test.each(COVERED)('%s', async (_clause, stored, asked, status) => {
  const says = [{ headers: { 'Cache-Control': stored, ETag: '"a"', Age: '100' } }, { status: 503 }];
  const told = await cache.play({ says, asks: [{}, { headers: { 'Cache-Control': asked } }] });
  expect(told[1]?.reply.status).toBe(status);
});
