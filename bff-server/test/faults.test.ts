import { request as httpRequest, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Home } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banner } from './support/samples.ts';
import { type Answer, BUDGET, healthy, type Storefront, startStorefront } from './support/storefront.ts';

/** What writing the answer, and a machine with other things to do, may take beside. */
const SLACK = 1_500;

let storefront: Storefront;
beforeEach(async () => {
  storefront = await startStorefront();
  // A first page also makes what checks the answers.
  await home();
  storefront.reset();
});
afterEach(() => storefront.close());

const open = (url: string) => storefront.app.inject(url);
const metrics = async () => (await open('/metrics')).body;
const home = async () => (await open('/api/home')).json<Home>();

const whole = JSON.stringify({ data: [banner] });
const slow: RequestListener = (_request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(timer));
};

const FAULTS: [string, Answer][] = [
  ['never answers', () => undefined],
  ['answers a byte at a time', slow],
  ['answers 500', 500],
  ['answers 503', 503],
  ['answers 404', 404],
  ['redirects', (_request, response) => response.writeHead(302, { location: '/' }).end()],
  ['resets the connection', (request) => request.socket.destroy()],
  [
    'resets in the middle of its answer',
    (request, response) => {
      response.writeHead(200, { 'content-length': whole.length });
      response.write(whole.slice(0, 20), () => request.socket.destroy());
    },
  ],
  ['answers HTML', '<html>'],
  ['answers nothing', ''],
  ['answers half of its JSON', whole.slice(0, 30)],
  ['answers other types', { data: [{ ...banner, id: 1 }] }],
  ['answers 10 MB', `{"data":[],"filler":"${'x'.repeat(10_000_000)}"}`],
  [
    'answers with huge headers',
    (_request, response) => response.setHeader('x', 'x'.repeat(60_000)).end(whole),
  ],
  ['speaks no HTTP', (request) => request.socket.end('+PONG\r\n')],
];

describe.each(FAULTS)('an upstream that %s', (_name, answer) => {
  it('costs its own section, in time, and the page is kept nowhere', async () => {
    storefront.state.answers['/api/v1/banners'] = answer;
    const startedAt = performance.now();
    const response = await open('/api/home');
    expect(performance.now() - startedAt).toBeLessThan(BUDGET + SLACK);
    expect(response.statusCode).toBe(200);
    const { banners, ...others } = response.json<Home>();
    expect(banners).toEqual({ status: 'degraded', data: [] });
    expect(new Set(Object.values(others).map(({ status }) => status))).toEqual(new Set(['ok']));
    expect(response.headers['cache-control']).toBe('private, no-store');
    expect(await metrics()).toMatch(
      /page_section_duration_seconds_count\{[^}]*section="banners",status="degraded"[^}]*\} 1/,
    );
  });
});

describe('an upstream that hangs altogether', () => {
  it('leaves an empty page within the budget, and an error where there is no page without it', async () => {
    storefront.state.answers = { '/': () => undefined };
    const startedAt = performance.now();
    const [page, product] = await Promise.all([home(), open('/api/products/mug')]);
    expect(performance.now() - startedAt).toBeLessThan(BUDGET + SLACK);
    expect(Object.values(page).every(({ status }) => status === 'degraded')).toBe(true);
    expect(product.statusCode).toBe(504);
  });

  it('is not asked any more after a while, and asked once before it is believed again', async () => {
    storefront.state.answers = { '/health': { status: 'ok' }, '/': 500 };
    for (let page = 0; page < 4; page += 1) await home();
    const asked = storefront.state.asked.length;
    const startedAt = performance.now();
    expect((await open('/api/categories')).statusCode).toBe(503);
    expect((await home()).banners.status).toBe('degraded');
    expect(performance.now() - startedAt).toBeLessThan(SLACK);
    expect(storefront.state.asked.length).toBe(asked);
    expect((await open('/ready')).json()).toMatchObject({
      checks: { 'product-server': { status: 'down', error: 'CIRCUIT_OPEN' } },
    });

    const held: (() => void)[] = [];
    const { '/api/v1/categories': categories } = healthy();
    storefront.state.answers = {
      '/health': { status: 'ok' },
      '/api/v1/categories': (_request, response) => held.push(() => response.end(JSON.stringify(categories))),
    };
    storefront.state.asked = [];
    await until(async () => (await open('/ready')).statusCode === 200, 'the time to probe');
    const probe = open('/api/categories');
    await until(() => held.length > 0, 'the probe');
    const refused = await Promise.all(Array.from({ length: 10 }, () => open('/api/categories')));
    expect(refused.every(({ statusCode }) => statusCode === 503)).toBe(true);
    expect(storefront.state.asked.filter(({ path }) => path !== '/health')).toHaveLength(1);
    for (const answer of held) answer();
    expect((await probe).statusCode).toBe(200);
    storefront.reset();
    expect((await home()).categories.status).toBe('ok');
  });
});

describe('a slow search', () => {
  it('is not what keeps the pages from being asked for', async () => {
    storefront.state.answers['/api/v1/search'] = 500;
    for (let search = 0; search < 25; search += 1) await open('/api/search?q=a');
    expect((await open('/api/search?q=a')).statusCode).toBe(503);
    expect((await home()).best.status).toBe('ok');
  });
});

describe('clients that hang up', () => {
  it('leave neither calls nor connections behind, five hundred of them', async () => {
    // Nobody is to be told that their time is over before they have gone.
    await storefront.close();
    storefront = await startStorefront({ budget: 30_000 });
    await storefront.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = storefront.app.server.address() as AddressInfo;
    await home();
    const baseline = storefront.state.connections;
    // What the server asks on its own account is answered.
    storefront.state.answers = { '/api/': () => undefined };
    const visit = () =>
      httpRequest({ host: '127.0.0.1', port, path: '/api/home' })
        .on('error', () => undefined)
        .end();
    for (let crowd = 0; crowd < 10; crowd += 1) {
      storefront.state.asked = [];
      const clients = Array.from({ length: 50 }, visit);
      await until(() => storefront.state.asked.length >= 50, 'calls that wait');
      for (const client of clients) client.destroy();
    }
    await until(() => storefront.state.connections <= baseline, 'connections back at the baseline');
    const idle = /upstream_requests_in_flight\{[^}]*upstream="product-server"[^}]*\} 0/;
    await until(async () => idle.test(await metrics()), 'no call in flight');
    // Nobody waited, so nothing was found out about the upstream.
    expect(await metrics()).toMatch(
      /upstream_circuit_state\{[^}]*upstream="product-server",state="closed"[^}]*\} 1/,
    );
    storefront.reset();
    expect((await home()).banners.status).toBe('ok');
  });
});
