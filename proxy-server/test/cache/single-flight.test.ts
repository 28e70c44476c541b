import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { page, startOrigin } from '../support/origin.ts';
import { startProxy, WARMUP_TOKEN } from '../support/proxy.ts';

const REFRESH = { headers: { 'X-Cache-Refresh': 'true', 'X-Warmup-Token': WARMUP_TOKEN } };

test('fifty visitors of a cold page cost one render', async () => {
  const waiting: ServerResponse[] = [];
  const web = await startOrigin((_request, response) => void waiting.push(response));
  const proxy = await startProxy({ web });

  const visitors = Array.from({ length: 50 }, () => proxy.ask('/products/x'));
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  await vi.waitFor(async () => expect(await proxy.figure('http_requests_in_flight')).toBe(50));
  for (const response of waiting) page('rendered')(response.req, response);
  const replies = await Promise.all(visitors);

  expect(new Set(replies.map((reply) => reply.text))).toEqual(new Set(['rendered']));
  expect(web.requests).toHaveLength(1);
});

test('the visitor who started a render may leave without taking it from the others', async () => {
  const waiting: ServerResponse[] = [];
  const web = await startOrigin((_request, response) => void waiting.push(response));
  const proxy = await startProxy({ web });
  const leaver = new AbortController();

  const first = fetch(`${proxy.url}/products/x`, { signal: leaver.signal });
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  const second = proxy.ask('/products/x');
  leaver.abort();
  await expect(first).rejects.toThrow();
  for (const response of waiting) page('rendered')(response.req, response);

  expect((await second).text).toBe('rendered');
  expect(web.requests).toHaveLength(1);
});

test('with the credential a page is fetched again and replaced', async () => {
  const web = await startOrigin(page('old'));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  web.answerWith(page('new'));

  expect((await proxy.ask('/')).text).toBe('old');
  expect(await proxy.ask('/', REFRESH)).toMatchObject({ text: 'new', headers: { 'x-cache-status': 'MISS' } });
  expect(await proxy.ask('/')).toMatchObject({ text: 'new', headers: { 'x-cache-status': 'HIT' } });
});

test('without the credential the wish to refresh is ignored', async () => {
  const web = await startOrigin(page('old'));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  const attempts = [undefined, '', 'wrong', `${WARMUP_TOKEN}x`, WARMUP_TOKEN.toUpperCase()];
  for (const token of attempts) {
    const headers = { 'X-Cache-Refresh': 'true', ...(token !== undefined && { 'X-Warmup-Token': token }) };
    expect(await proxy.cacheStatus('/', { headers })).toBe('HIT');
  }
  expect(await proxy.cacheStatus('/', { headers: { 'X-Warmup-Token': WARMUP_TOKEN } })).toBe('HIT');
  expect(web.requests).toHaveLength(1);
});

test('a refresh that fails says so and leaves the old page in place', async () => {
  const web = await startOrigin(page('old'));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  await web.down();

  expect((await proxy.ask('/', REFRESH)).status).toBe(502);
  expect(await proxy.ask('/')).toMatchObject({ text: 'old', headers: { 'x-cache-status': 'HIT' } });
});

test('a fetch that began before a refresh does not overwrite what the refresh brought', async () => {
  const waiting: ServerResponse[] = [];
  const web = await startOrigin((_request, response) => void waiting.push(response));
  const proxy = await startProxy({ web });

  const early = proxy.ask('/');
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  web.answerWith(page('new'));
  expect((await proxy.ask('/', REFRESH)).text).toBe('new');
  for (const response of waiting) page('from before')(response.req, response);

  expect((await early).text).toBe('from before');
  expect(await proxy.ask('/')).toMatchObject({ text: 'new', headers: { 'x-cache-status': 'HIT' } });
});
