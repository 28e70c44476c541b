import { expect, test } from 'vitest';
import { createGate } from '../support/gate.ts';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const ROWS: [clause: string, cacheControl: string, second: Outcome][] = [
  ['RFC 9111 5.2.2.5: no-store is not stored', 'no-store', 'fetched'],
  ['RFC 9111 5.2.2.5: whatever life it has', 'max-age=60, no-store', 'fetched'],
  ['RFC 9111 5.2.2.5: also for shared caches', 's-maxage=60, no-store', 'fetched'],
  ['RFC 9111 5.2.2.5: an argument takes nothing from it', 'max-age=60, no-store="x"', 'fetched'],
  ['RFC 9111 5.2.2.7: private is not stored', 'private, max-age=60', 'fetched'],
  ['RFC 9111 5.2.2.7: s-maxage does not change that', 'private, s-maxage=60', 'fetched'],
  ['RFC 9111 5.2.2.4: no-cache is stored, and validated', 'no-cache, max-age=60', 'validated'],
];

test.each(ROWS)('%s', async (_clause, cacheControl, second) => {
  const says = [
    { headers: { 'Cache-Control': cacheControl, ETag: '"a"', Expires: 'Fri, 31 Dec 9999 23:59:59 GMT' } },
  ];
  expect(await cache.outcome({ says })).toBe(second);
});

const QUALIFIED: [clause: string, cacheControl: string][] = [
  ['RFC 9111 5.2.2.7: a field that is private goes to the first alone', 'max-age=60, private="x-personal"'],
  ['RFC 9111 5.2.2.7: in any case, and among others', 'max-age=60, PRIVATE="x-other , X-Personal"'],
  ['RFC 9111 5.2.2.4: a field with no-cache is not reused', 'max-age=60, no-cache="x-personal"'],
  ['RFC 9111 5.2.2.4: also as a token', 'max-age=60, no-cache=x-personal'],
];

test.each(QUALIFIED)('%s', async (_clause, cacheControl) => {
  const personal = (name: string) => ({
    headers: { 'Cache-Control': cacheControl, 'X-Personal': name, ETag: '"a"' },
  });
  const [first, second] = await cache.play({ says: [personal('kim'), personal('lee')] });
  expect(first?.reply.headers['x-personal']).toBe('kim');
  expect(second?.reply.headers['x-personal']).not.toBe('kim');
});

test('RFC 9111 5.2.1.5: what a client wants unstored is not stored', async () => {
  const asks = [{ headers: { 'Cache-Control': 'no-store' } }, {}];
  expect(await cache.outcome({ says: [{ headers: { 'Cache-Control': 'max-age=60' } }], asks })).toBe(
    'fetched',
  );
});

test('RFC 9111 7.3: Set-Cookie forbids nothing by itself', async () => {
  const headers = { 'Cache-Control': 'max-age=60', 'Set-Cookie': ['a=1', 'b=2'] };
  const [, second] = await cache.play({ says: [{ headers }] });
  expect(second?.outcome).toBe('reused');
  expect(second?.reply.headers['set-cookie']).toBe('a=1, b=2');
});

test('RFC 9111 5.2.2.7: two who ask at the same time do not share what is private', async () => {
  const gate = createGate();
  const path = cache.script({ headers: { 'Cache-Control': 'private, max-age=60' }, until: gate.opened });
  const replies = [cache.ask(path), cache.ask(path)];
  await expect.poll(() => cache.seen(path).length).toBeGreaterThan(0);
  gate.open();
  const texts = (await Promise.all(replies)).map(({ reply }) => reply.text);
  expect(new Set(texts).size).toBe(2);
});
