import { expect, test, vi } from 'vitest';
import { createGate } from '../support/gate.ts';
import type { Answer } from '../support/scripted-origin.ts';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

/** 40 seconds past a life of 60. */
const past = (directives: string) => ({ headers: { 'Cache-Control': directives, Age: '100', ETag: '"a"' } });
const BREAKS: Answer = { breaks: true };
const FAILS: Answer = { status: 503 };

type Row = [clause: string, directives: string, trouble: Answer, second: Outcome, status: number];

const TROUBLE: Row[] = [
  ['RFC 9111 4.2.4: where the origin cannot be reached, stale will do', 'max-age=60', BREAKS, 'stale', 200],
  [
    'RFC 9111 4.2.4: where it answers with an error, that is the answer',
    'max-age=60',
    FAILS,
    'validated',
    503,
  ],
  [
    'RFC 9111 5.2.2.2: must-revalidate is never stale',
    'max-age=60, must-revalidate',
    BREAKS,
    'validated',
    502,
  ],
  [
    'RFC 9111 5.2.2.8: nor is proxy-revalidate here',
    'max-age=60, proxy-revalidate',
    BREAKS,
    'validated',
    502,
  ],
  ['RFC 9111 5.2.2.10: nor is s-maxage', 's-maxage=60', BREAKS, 'validated', 502],
  ['RFC 9111 5.2.2.4: nor is no-cache', 'max-age=60, no-cache', BREAKS, 'validated', 502],
  ['RFC 5861 4: stale-if-error covers an error', 'max-age=60, stale-if-error=60', FAILS, 'stale', 200],
  ['RFC 5861 4: and no answer', 'max-age=60, stale-if-error=60', BREAKS, 'stale', 200],
  ['RFC 5861 4: 500', 'max-age=60, stale-if-error=60', { status: 500 }, 'stale', 200],
  ['RFC 5861 4: 502', 'max-age=60, stale-if-error=60', { status: 502 }, 'stale', 200],
  ['RFC 5861 4: 504', 'max-age=60, stale-if-error=60', { status: 504 }, 'stale', 200],
  [
    'RFC 5861 4: but not what is no error of the server',
    'max-age=60, stale-if-error=60',
    { status: 404 },
    'validated',
    404,
  ],
  ['RFC 5861 4: for so long, and no longer', 'max-age=60, stale-if-error=20', FAILS, 'validated', 503],
  ['RFC 5861 4: with a number, not with a word', 'max-age=60, stale-if-error=long', FAILS, 'validated', 503],
  [
    'RFC 9111 5.2.2.2: must-revalidate beats it',
    'max-age=60, stale-if-error=60, must-revalidate',
    FAILS,
    'validated',
    503,
  ],
  ['RFC 9111 5.2.2.4: so does no-cache', 'max-age=60, stale-if-error=60, no-cache', FAILS, 'validated', 503],
  [
    'RFC 9111 5.2.2.8: so does proxy-revalidate',
    'max-age=60, stale-if-error=60, proxy-revalidate',
    FAILS,
    'validated',
    503,
  ],
  [
    'RFC 5861 4: beside s-maxage the origin itself allows it',
    's-maxage=60, stale-if-error=60',
    FAILS,
    'stale',
    200,
  ],
  [
    'RFC 5861 3: past its window, there is no waiting in the background',
    'max-age=60, stale-while-revalidate=20',
    {},
    'validated',
    200,
  ],
  [
    'RFC 9111 5.2.2.2: must-revalidate beats stale-while-revalidate',
    'max-age=60, stale-while-revalidate=60, must-revalidate',
    {},
    'validated',
    200,
  ],
  [
    'RFC 9111 5.2.2.4: so does no-cache',
    'max-age=60, stale-while-revalidate=60, no-cache',
    {},
    'validated',
    200,
  ],
  [
    'RFC 5861 3: without a number there is no window',
    'max-age=60, stale-while-revalidate',
    {},
    'validated',
    200,
  ],
];

test.each(TROUBLE)('%s (%s)', async (_clause, directives, trouble, second, status) => {
  const [, told] = await cache.play({ says: [past(directives), trouble] });
  expect([told?.outcome, told?.reply.status]).toEqual([second, status]);
  if (second === 'stale') expect(told?.reply.text).toBe('answer 1');
  else expect(told?.reply.text).not.toBe('answer 1');
});

test('RFC 9111 5.1: what is stale says how old it is', async () => {
  const [, told] = await cache.play({ says: [past('max-age=60, stale-if-error=60'), FAILS] });
  expect(Number(told?.reply.headers['age'])).toBeGreaterThanOrEqual(100);
});

test('RFC 5861 3: within its window the old is given at once, and the new as soon as it is there', async () => {
  const gate = createGate();
  const path = cache.script(past('max-age=60, stale-while-revalidate=60'), {
    headers: { 'Cache-Control': 'max-age=60' },
    until: gate.opened,
  });
  await cache.ask(path);

  for (const _again of [1, 2, 3]) {
    const { outcome, reply } = await cache.ask(path);
    expect([outcome, reply.text]).toEqual(['stale', 'answer 1']);
  }
  await vi.waitFor(() => expect(cache.seen(path)).toHaveLength(2));
  gate.open();

  await vi.waitFor(async () => {
    const { outcome, reply } = await cache.ask(path);
    expect([outcome, reply.text]).toEqual(['reused', 'answer 2']);
  });
  expect(cache.seen(path)).toHaveLength(2);
});

test('RFC 5861 3: what renews it in the background is a validation', async () => {
  const path = cache.script(past('max-age=60, stale-while-revalidate=60'), {
    status: 304,
    headers: { 'Cache-Control': 'max-age=60', ETag: '"a"' },
  });
  await cache.ask(path);
  expect((await cache.ask(path)).outcome).toBe('stale');

  await vi.waitFor(async () => expect((await cache.ask(path)).outcome).toBe('reused'));

  expect(cache.seen(path)[1]?.headers['if-none-match']).toBe('"a"');
  expect((await cache.ask(path)).reply.text).toBe('answer 1');
});

test('RFC 5861 3: trouble in the background is nobody’s', async () => {
  const path = cache.script(past('max-age=60, stale-while-revalidate=60'), BREAKS);
  await cache.ask(path);
  await cache.ask(path);
  await vi.waitFor(() => expect(cache.seen(path).length).toBeGreaterThan(1));
  const { outcome, reply } = await cache.ask(path);
  expect([outcome, reply.status, reply.text]).toEqual(['stale', 200, 'answer 1']);
});

test('RFC 9111 4.2.4: also to HEAD, and in part', async () => {
  const asks = [{}, { method: 'HEAD' }, { headers: { Range: 'bytes=0-2' } }];
  const [, head] = await cache.play({ says: [past('max-age=60'), BREAKS], asks: asks.slice(0, 2) });
  expect(head).toMatchObject({ outcome: 'stale', reply: { status: 200, text: '' } });
  const part = (await cache.play({ says: [past('max-age=60'), BREAKS], asks: [{}, asks[2] ?? {}] })).at(-1);
  expect(part).toMatchObject({ outcome: 'stale', reply: { status: 206, text: 'ans' } });
});
