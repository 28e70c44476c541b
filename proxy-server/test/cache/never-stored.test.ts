import { expect, test } from 'vitest';
import { type Origin, PAGE_HEADERS, page, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const HTML = '<!doctype html><p>page</p>';

const ANSWERS: [string, Parameters<Origin['answerWith']>[0]][] = [
  ['with Set-Cookie', page(HTML, { 'Set-Cookie': 'session=secret' })],
  ['private', page(HTML, { 'Cache-Control': 'private, s-maxage=60' })],
  ['private as to one header', page(HTML, { 'Cache-Control': 'private="x-user", s-maxage=60' })],
  ['no-store', page(HTML, { 'Cache-Control': 'no-store' })],
  ['no-cache', page(HTML, { 'Cache-Control': 'no-cache, s-maxage=60' })],
  ['private in a second field', page(HTML, { 'Cache-Control': ['s-maxage=60', 'PRIVATE'] })],
  ['without a lifetime', page(HTML, { 'Cache-Control': 'public' })],
  ['with a lifetime of nothing', page(HTML, { 'Cache-Control': 's-maxage=0, max-age=60' })],
  ['with a lifetime that is no number', page(HTML, { 'Cache-Control': 's-maxage=soon, max-age=60' })],
  ['that varies by cookie', page(HTML, { Vary: 'Accept-Encoding, Cookie' })],
  ['that varies by everything', page(HTML, { Vary: '*' })],
  ['of another type', page(HTML, { 'Content-Type': 'text/x-component' })],
  ['that is half of a page', page(HTML, { 'x-nextjs-postponed': '1' })],
  ['that is encoded although nobody asked', page(HTML, { 'Content-Encoding': 'identity2' })],
  ['that does not exist and says no life', page(HTML, { 'Cache-Control': 'private, no-store' }, 404)],
  ['that has moved', page(HTML, { Location: '/elsewhere' }, 308)],
  ['that failed', page(HTML, {}, 500)],
  [
    'whose end cannot be told from a break',
    (_request, response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { ...PAGE_HEADERS, Connection: 'close' });
      response.end(HTML);
    },
  ],
];

test('pages that are not for everyone, or not for later, are never kept', async () => {
  const web = await startOrigin(page(HTML));
  const proxy = await startProxy({ web });
  for (const [index, [name, answer]] of ANSWERS.entries()) {
    web.answerWith(answer);
    const path = `/products/x${index}`;

    const first = await proxy.ask(path);
    const asked = web.requests.length;
    const second = await proxy.ask(path);

    expect([name, first.text, second.text]).toEqual([name, HTML, HTML]);
    expect([name, second.headers['x-cache-status']]).not.toEqual([name, 'HIT']);
    expect([name, web.requests.length > asked]).toEqual([name, true]);
  }
});

test('a personal page is rendered for the one who asks, with the cookies that make it personal', async () => {
  const web = await startOrigin((request, response) => {
    page(`<p>${request.headers.cookie ?? 'nobody'}</p>`, { 'Cache-Control': 'private, no-store' })(
      request,
      response,
    );
  });
  const proxy = await startProxy({ web });
  const as = (name: string) => proxy.ask('/', { headers: { Cookie: `name=${name}` } });

  const replies = await Promise.all(['kim', 'lee', 'park'].map(as));

  expect(replies.map((reply) => reply.text)).toEqual([
    '<p>name=kim</p>',
    '<p>name=lee</p>',
    '<p>name=park</p>',
  ]);
});

const PAST_THE_CACHE: [string, string, Record<string, string>][] = [
  ['an RSC header', '/products/x', { rsc: '1' }],
  ['an RSC prefetch', '/products/x', { rsc: '1', 'next-router-prefetch': '1' }],
  ['an RSC query', '/products/x?_rsc=abc', {}],
  ['an RSC path', '/products/x.rsc', {}],
  ['Authorization', '/products/x', { Authorization: 'Bearer x' }],
  ['the cookie of draft mode', '/products/x', { Cookie: 'a=1; __prerender_bypass=secret' }],
  ['a range', '/products/x', { Range: 'bytes=0-3' }],
];

test('what must go past the cache is neither served from it nor kept', async () => {
  const web = await startOrigin(page('whole'));
  const proxy = await startProxy({ web });
  for (const [name, path, headers] of PAST_THE_CACHE) {
    web.answerWith(page(`special: ${name}`));
    expect([name, await proxy.cacheStatus(path, { headers })]).toEqual([name, 'BYPASS']);
  }

  web.answerWith(page('whole'));
  expect((await proxy.ask('/products/x')).text).toBe('whole');

  for (const [name, path, headers] of PAST_THE_CACHE) {
    web.answerWith(page(`special: ${name}`));
    expect((await proxy.ask(path, { headers })).text).toBe(`special: ${name}`);
  }
  expect(await proxy.ask('/products/x')).toMatchObject({
    text: 'whole',
    headers: { 'x-cache-status': 'HIT' },
  });
});

test('unsafe methods on a page go past the cache with their body', async () => {
  const web = await startOrigin(page('answer'));
  const proxy = await startProxy({ web });
  expect(
    await proxy.cacheStatus('/', {
      method: 'POST',
      body: 'x',
      headers: { 'next-action': 'a', Origin: proxy.url },
    }),
  ).toBe('BYPASS');
  expect(web.requests[0]?.method).toBe('POST');
  expect(await proxy.cacheStatus('/')).toBe('MISS');
});

test('a page that breaks off is an error now and nothing later', async () => {
  const web = await startOrigin((request, response) => {
    response.writeHead(200, { ...PAGE_HEADERS, 'Content-Length': 1_000 });
    response.write('<p>half', () => request.socket.destroy());
  });
  const proxy = await startProxy({ web });
  expect((await proxy.ask('/')).status).toBe(502);

  web.answerWith(page(HTML));
  expect(await proxy.ask('/')).toMatchObject({ text: HTML, headers: { 'x-cache-status': 'MISS' } });
});

test('a page beyond every measure is passed on whole and not kept', async () => {
  const huge = 'x'.repeat(5 * 2 ** 20);
  const web = await startOrigin((_request, response) => {
    response.writeHead(200, PAGE_HEADERS);
    response.end(huge);
  });
  const proxy = await startProxy({ web });
  expect((await proxy.ask('/')).text.length).toBe(huge.length);
  expect(await proxy.cacheStatus('/')).toBe('MISS');
});
