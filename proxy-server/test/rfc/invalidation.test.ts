import { expect, test } from 'vitest';
import { createGate } from '../support/gate.ts';
import type { Wish } from '../support/request.ts';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { headers: { 'Cache-Control': 'max-age=600' } };
const post: Wish = { method: 'POST', body: 'x' };

type Row = [clause: string, method: string, status: number, third: Outcome];

const METHODS: Row[] = [
  ['RFC 9111 4.4: POST makes what is stored wrong', 'POST', 200, 'fetched'],
  ['RFC 9111 4.4: so does PUT', 'PUT', 204, 'fetched'],
  ['RFC 9111 4.4: so does PATCH', 'PATCH', 200, 'fetched'],
  ['RFC 9111 4.4: so does DELETE', 'DELETE', 204, 'fetched'],
  ['RFC 9111 4.4: so does what may be unsafe for all we know', 'M-SEARCH', 200, 'fetched'],
  ['RFC 9111 4.4: a redirection is no error', 'POST', 303, 'fetched'],
  ['RFC 9111 4.4: an error of the client is', 'POST', 422, 'reused'],
  ['RFC 9111 4.4: so is one of the server', 'PUT', 500, 'reused'],
  ['RFC 9110 9.2.1: OPTIONS is safe', 'OPTIONS', 200, 'reused'],
];

test.each(METHODS)('%s (%s, %d)', async (_clause, method, status, third) => {
  const asks = [{}, { method, ...(method !== 'OPTIONS' && { body: 'x' }) }, {}];
  const told = await cache.play({ says: [FRESH, { status }, FRESH], asks });
  expect(told[1]?.reply.status).toBe(status);
  expect(told[2]?.outcome).toBe(third);
});

test('RFC 9111 4.4: every variant is wrong then', async () => {
  const [one, two] = ['1', '2'].map((Foo) => ({ headers: { Foo } }));
  const says = [{ headers: { 'Cache-Control': 'max-age=600', Vary: 'Foo' } }];
  const asks = [one ?? {}, two ?? {}, post, one ?? {}, two ?? {}];
  const told = await cache.play({ says, asks });
  expect(told.slice(3).map(({ outcome }) => outcome)).toEqual(['fetched', 'fetched']);
});

test('RFC 9111 4.4: only at the address that was written to', async () => {
  const asks = [{ query: '?a' }, { ...post, query: '?b' }, { query: '?a' }];
  expect(await cache.outcome({ says: [FRESH], asks })).toBe('reused');
});

test('RFC 9111 4: the answer to POST does not answer GET', async () => {
  expect(await cache.outcome({ says: [FRESH], asks: [post, {}] })).toBe('fetched');
});

type Pointer = [clause: string, field: string, target: (path: string, origin: string) => string, Outcome];

const POINTERS: Pointer[] = [
  ['RFC 9111 4.4: what Location names is wrong as well', 'Location', (path) => path, 'fetched'],
  ['RFC 9111 4.4: so is what Content-Location names', 'Content-Location', (path) => path, 'fetched'],
  ['RFC 9110 10.2.2: relative to what was asked for', 'Location', (path) => path.slice(1), 'fetched'],
  ['RFC 9110 10.2.2: or as a whole', 'Location', (path, origin) => origin + path, 'fetched'],
  ['RFC 9110 10.2.2: a fragment is no part of it', 'Location', (path) => `${path}#there`, 'fetched'],
  ['RFC 9111 4.4: but not with another host', 'Location', (path) => `http://other.test${path}`, 'reused'],
  ['RFC 9111 4.4: nor in Content-Location', 'Content-Location', (path) => `//other.test${path}`, 'reused'],
  ['RFC 9111 4.4: nor where it names nothing', 'Location', () => 'http://[', 'reused'],
];

test.each(POINTERS)('%s (%s)', async (_clause, field, target, third) => {
  const stored = cache.script(FRESH);
  const { port } = cache.running().proxy;
  const written = cache.script({
    status: 201,
    headers: { [field]: target(stored, `http://127.0.0.1:${port}`) },
  });
  await cache.ask(stored);
  await cache.ask(written, post);
  expect((await cache.ask(stored)).outcome).toBe(third);
});

test('RFC 9111 4.4: an error names nothing', async () => {
  const stored = cache.script(FRESH);
  const written = cache.script({ status: 500, headers: { Location: stored } });
  await cache.ask(stored);
  await cache.ask(written, post);
  expect((await cache.ask(stored)).outcome).toBe('reused');
});

test('RFC 9111 4.4: an answer that was on its way while something was written is not kept', async () => {
  const gate = createGate();
  const path = cache.script({ ...FRESH, until: gate.opened }, { status: 204 }, FRESH);
  const early = cache.ask(path);
  await expect.poll(() => cache.seen(path).length).toBe(1);
  await cache.ask(path, post);
  gate.open();
  expect((await early).reply.text).toBe('answer 1');
  expect((await cache.ask(path)).reply.text).toBe('answer 3');
});

test('RFC 9111 4.4: nor given to those who ask after it was written', async () => {
  const gate = createGate();
  const path = cache.script({ ...FRESH, until: gate.opened }, { status: 204 }, FRESH);
  const early = cache.ask(path);
  await expect.poll(() => cache.seen(path).length).toBe(1);
  await cache.ask(path, post);
  expect((await cache.ask(path)).reply.text).toBe('answer 3');
  gate.open();
  await early;
});
