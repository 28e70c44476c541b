import { expect, test } from 'vitest';
import { createGate } from '../support/gate.ts';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const KIM = { headers: { Authorization: 'Bearer kim' } };
const LEE = { headers: { Authorization: 'Bearer lee' } };

const AUTHORIZED: [clause: string, cacheControl: string, second: Outcome][] = [
  ['RFC 9111 3.5: what was asked for with Authorization is not for others', 'max-age=60', 'fetched'],
  ['RFC 9111 3.5: unless it is public', 'max-age=60, public', 'reused'],
  ['RFC 9111 3.5: or meant for shared caches', 's-maxage=60', 'reused'],
  ['RFC 9111 3.5: or to be revalidated by them', 'max-age=60, must-revalidate', 'reused'],
  ['RFC 9111 3.5: proxy-revalidate is no such permission', 'max-age=60, proxy-revalidate', 'fetched'],
  ['RFC 9111 3.5: nor is no-cache', 'max-age=60, no-cache', 'fetched'],
  ['RFC 9111 5.2.2.7: private is the end of it', 'max-age=60, public, private', 'fetched'],
];

test.each(AUTHORIZED)('%s', async (_clause, cacheControl, second) => {
  const says = [{ headers: { 'Cache-Control': cacheControl, ETag: '"a"' } }];
  expect(await cache.outcome({ says, asks: [KIM, {}] })).toBe(second);
  expect(await cache.outcome({ says, asks: [KIM, LEE] })).toBe(second);
  expect(await cache.outcome({ says, asks: [KIM, KIM] })).toBe(second);
});

test('RFC 9111 3.5: what was asked for by nobody is for everybody', async () => {
  const says = [{ headers: { 'Cache-Control': 'max-age=60' } }];
  expect(await cache.outcome({ says, asks: [{}, KIM] })).toBe('reused');
});

test('RFC 9111 3.5: a validation with Authorization makes nothing public', async () => {
  const stale = { 'Cache-Control': 'no-cache', ETag: '"a"' };
  const says = [
    { headers: stale },
    { headers: { 'Cache-Control': 'max-age=60', ETag: '"kim"' }, body: 'for kim' },
    { headers: stale, body: 'for all' },
  ];
  const told = await cache.play({ says, asks: [{}, KIM, {}] });
  expect(told.map(({ reply }) => reply.text)).toEqual(['answer 1', 'for kim', 'for all']);
});

test('two who ask at the same time with their own Authorization each get their own answer', async () => {
  const gate = createGate();
  const path = cache.script({ headers: { 'Cache-Control': 'max-age=60' }, until: gate.opened });
  const replies = [cache.ask(path, KIM), cache.ask(path, LEE), cache.ask(path)];
  await expect.poll(() => cache.seen(path).length).toBe(3);
  gate.open();
  const texts = (await Promise.all(replies)).map(({ reply }) => reply.text);
  expect(new Set(texts).size).toBe(3);
});
