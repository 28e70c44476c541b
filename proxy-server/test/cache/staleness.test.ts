import { expect, test, vi } from 'vitest';
import { page, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const SHORT = { 'Cache-Control': 's-maxage=1, stale-while-revalidate=600' };
const AS_BROWSER = { headers: { Accept: 'text/html' } };
const patiently = { timeout: 6_000, interval: 50 };

test('a stale page is served at once while one renewal runs', async () => {
  const web = await startOrigin(page('old', SHORT));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  web.answerWith(() => undefined);

  await vi.waitFor(async () => expect(await proxy.cacheStatus('/')).toBe('STALE'), patiently);
  const replies = await Promise.all(Array.from({ length: 20 }, () => proxy.ask('/')));

  expect(new Set(replies.map((reply) => reply.text))).toEqual(new Set(['old']));
  expect(web.requests).toHaveLength(2);
});

test('the renewed page replaces the stale one', async () => {
  const web = await startOrigin(page('old', SHORT));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  web.answerWith(page('new'));

  await vi.waitFor(async () => {
    expect(await proxy.ask('/')).toMatchObject({ text: 'new', headers: { 'x-cache-status': 'HIT' } });
  }, patiently);
  expect(web.requests).toHaveLength(2);
});

test('a page is served stale where the origin is down, and fresh when it is back', async () => {
  const web = await startOrigin(page('kept', SHORT));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  await web.down();

  await vi.waitFor(async () => expect(await proxy.cacheStatus('/', AS_BROWSER)).toBe('STALE'), patiently);
  expect(await proxy.ask('/', AS_BROWSER)).toMatchObject({ status: 200, text: 'kept' });
  expect((await proxy.ask('/products/unknown', AS_BROWSER)).status).toBe(502);

  web.answerWith(page('back'));
  await web.up();
  await vi.waitFor(async () => expect((await proxy.ask('/')).text).toBe('back'), patiently);
});

test('past the time of renewal in the background, an error still yields the old page', async () => {
  const web = await startOrigin(page('kept', { 'Cache-Control': 's-maxage=1, stale-while-revalidate=0' }));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  web.answerWith(page('broken', {}, 503));

  await vi.waitFor(async () => {
    expect(await proxy.ask('/')).toMatchObject({
      status: 200,
      text: 'kept',
      headers: { 'x-cache-status': 'STALE' },
    });
  }, patiently);
});

test('a page that must be revalidated is never served stale', async () => {
  const web = await startOrigin(page('old', { 'Cache-Control': 's-maxage=1, must-revalidate' }));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  await web.down();

  await vi.waitFor(async () => expect((await proxy.ask('/')).status).toBe(502), patiently);
});

test('a page that has gone is gone from the cache as well', async () => {
  const web = await startOrigin(page('here', SHORT));
  const proxy = await startProxy({ web });
  await proxy.ask('/products/x');
  web.answerWith(page('gone', {}, 404));

  await vi.waitFor(async () => expect((await proxy.ask('/products/x')).status).toBe(404), patiently);
});

test('what the origin itself calls stale gets no new life, and is asked for again soon', async () => {
  const web = await startOrigin(page('old', { 'x-nextjs-cache': 'STALE' }));
  const proxy = await startProxy({ web });

  expect((await proxy.ask('/')).text).toBe('old');
  expect(await proxy.ask('/')).toMatchObject({
    headers: { 'x-cache-status': 'STALE', 'x-cache-ttl': '0', age: expect.stringMatching(/^6\d$/) },
  });

  web.answerWith(page('new', { 'x-nextjs-cache': 'HIT' }));
  const asked = web.requests.length;
  // Nobody visits in the meantime: the proxy asks by itself.
  await vi.waitFor(() => expect(web.requests.length).toBeGreaterThan(asked), patiently);
  await vi.waitFor(async () => {
    expect(await proxy.ask('/')).toMatchObject({ text: 'new', headers: { 'x-cache-status': 'HIT' } });
  }, patiently);
});

test('a page of a new deployment takes the place of all pages of the old one', async () => {
  const build = (id: string) => page(`<!doctype html><html data-dpl-id="${id}"><p>${id}</p></html>`);
  const web = await startOrigin(build('one'));
  const proxy = await startProxy({ web });
  for (const path of ['/', '/events', '/events']) await proxy.ask(path);
  expect(await proxy.figure('proxy_cache_entries')).toBe(2);

  web.answerWith(build('two'));
  await proxy.ask('/categories');

  expect(await proxy.figure('proxy_cache_entries')).toBe(1);
  expect((await proxy.ask('/')).text).toContain('two');
  expect((await proxy.ask('/events')).text).toContain('two');
});
