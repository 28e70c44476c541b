import { parseList } from 'structured-headers';
import { expect, test } from 'vitest';
import { createGate } from '../support/gate.ts';
import type { Wish } from '../support/request.ts';
import type { Answer } from '../support/scripted-origin.ts';
import { type Told, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { headers: { 'Cache-Control': 'max-age=600', ETag: '"a"' } };
const OVER = { headers: { 'Cache-Control': 'max-age=60', Age: '100', ETag: '"a"' } };

/** The members of Cache-Status: who says it, and what. */
const membersOf = ({ reply }: Told) =>
  parseList(reply.headers['cache-status'] ?? '').map(([name, parameters]) => ({
    name: String(name),
    ...Object.fromEntries(
      [...parameters].map(([key, value]) => [key, typeof value === 'object' ? String(value) : value]),
    ),
  }));

type Row = [clause: string, says: Answer[], asks: Wish[], last: Record<string, unknown>, outcome: string];

const ROWS: Row[] = [
  [
    'RFC 9211 2.2: nothing is stored yet',
    [FRESH],
    [{}],
    { fwd: 'uri-miss', 'fwd-status': 200, stored: true },
    'MISS',
  ],
  ['RFC 9211 2.1: something is', [FRESH], [{}, {}], { hit: true }, 'HIT'],
  [
    'RFC 9211 2.2: it is over',
    [OVER, FRESH],
    [{}, {}],
    { fwd: 'stale', 'fwd-status': 200, stored: true },
    'MISS',
  ],
  [
    'RFC 9211 2.3: it was confirmed',
    [OVER, { ...FRESH, status: 304 }],
    [{}, {}],
    { fwd: 'stale', 'fwd-status': 304 },
    'MISS',
  ],
  [
    'RFC 9211 2.2: the client wants it new',
    [FRESH],
    [{}, { headers: { 'Cache-Control': 'no-cache' } }],
    { fwd: 'request', 'fwd-status': 200 },
    'MISS',
  ],
  [
    'RFC 9211 2.2: the method is not one that is stored',
    [FRESH],
    [{ method: 'POST' }],
    { fwd: 'method', 'fwd-status': 200 },
    'BYPASS',
  ],
  [
    'RFC 9211 2.2: another variant is stored',
    [{ headers: { ...FRESH.headers, Vary: 'Foo' } }],
    [{ headers: { Foo: '1' } }, { headers: { Foo: '2' } }],
    { fwd: 'vary-miss', 'fwd-status': 200, stored: true },
    'MISS',
  ],
  [
    'RFC 9211 2.3: what the origin said is told',
    [{ status: 404 }],
    [{}],
    { fwd: 'uri-miss', 'fwd-status': 404 },
    'MISS',
  ],
];

test.each(ROWS)('%s', async (_clause, says, asks, last, outcome) => {
  const told = (await cache.play({ says, asks })).at(-1);
  const members = told && membersOf(told);
  expect(members?.at(-1)).toMatchObject({ name: 'doa-proxy', ...last });
  expect(told?.reply.headers['x-cache-status']).toBe(outcome);
});

test('RFC 9211 2.4: a hit tells how long it is good for', async () => {
  const [, second] = await cache.play({ says: [FRESH] });
  expect(second && membersOf(second)).toEqual([
    { name: 'doa-proxy', hit: true, ttl: expect.toSatisfy(isNear(600)) },
  ]);
});

test('RFC 9211 2.4: or for how long it has been over', async () => {
  const says = [
    { headers: { 'Cache-Control': 'max-age=60, stale-if-error=60', Age: '100' } },
    { status: 503 },
  ];
  const [, second] = await cache.play({ says });
  expect(second?.reply.headers['x-cache-status']).toBe('STALE');
  expect(second && membersOf(second)).toEqual([
    expect.objectContaining({ ttl: expect.toSatisfy(isNear(-40)) }),
  ]);
});

test('RFC 9211 2.5: what is not kept is not said to be', async () => {
  const [first] = await cache.play({ says: [{ headers: { 'Cache-Control': 'no-store' } }], asks: [{}] });
  expect(first && membersOf(first)[0]).not.toHaveProperty('stored');
});

test('RFC 9211 2: caches before this one are named first, also when it answers itself', async () => {
  const headers = { ...FRESH.headers, 'Cache-Status': 'ExampleCache; hit; ttl=30' };
  const told = await cache.play({ says: [{ headers }] });
  for (const it of told) {
    expect(membersOf(it).map(({ name }) => name)).toEqual(['ExampleCache', 'doa-proxy']);
  }
  expect(told[1]?.outcome).toBe('reused');
});

test('RFC 9211 2: an error of its own is told as well', async () => {
  const [first] = await cache.play({ says: [{ breaks: true }], asks: [{}] });
  expect(first?.reply.status).toBe(502);
  expect(first && membersOf(first).at(-1)).toMatchObject({ name: 'doa-proxy', fwd: 'uri-miss' });
});

test('RFC 9211 2.6: two who ask at once are answered by one fetch', async () => {
  const gate = createGate();
  const path = cache.script({ ...FRESH, until: gate.opened });
  const both = [cache.ask(path), cache.ask(path)];
  await expect.poll(() => cache.seen(path).length).toBe(1);
  gate.open();
  const members = (await Promise.all(both)).flatMap(membersOf);
  expect(cache.seen(path)).toHaveLength(1);
  expect(members).toContainEqual(expect.objectContaining({ stored: true }));
  expect(members.some((member) => 'collapsed' in member || 'hit' in member)).toBe(true);
});

/** A test may take a few seconds. */
const isNear = (expected: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value - expected) <= 5;
