import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => {
  for (const name of ['product', 'bff'] as const) market.services[name].reset();
});

afterAll(() => market.close());

describe('a token in the query', () => {
  it.each(['access_token', 'access%5Ftoken', '%61%63%63%65%73%73%5f%74oken'])(
    'is no credential as %s',
    async (name) => {
      const answer = await market.get(`/api/me?${name}=${await market.token()}`);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="doa-market"');
      expect(answer.json).toMatchObject({ code: 'AUTH_1001', instance: '/api/me' });
      expect(market.services.bff.seen).toHaveLength(0);
    },
  );

  const many = Array.from({ length: 300 }, (_, index) => `p${index}=${index}`).join('&');
  const QUERIES: Record<string, [sent: string, arrives: string]> = {
    alone: ['?access_token=secret', ''],
    first: ['?access_token=secret&b=2&a=1', '?b=2&a=1'],
    'in the middle': ['?b=2&access_token=secret&a=1', '?b=2&a=1'],
    'last, after three hundred others': [`?${many}&access_token=secret`, `?${many}`],
    'twice, in two spellings': ['?access_token=secret&a=1&acc%65ss_token=secret', '?a=1'],
    'without a value': ['?a=1&access_token', '?a=1'],
    'with others that are no UTF-8 and no escapes': [
      '?a=%zz&b=%ff+%20&&access_token=secret&=c&d',
      '?a=%zz&b=%ff+%20&&=c&d',
    ],
  };

  it.each(Object.entries(QUERIES))('is taken out beside a good header: %s', async (_, [sent, arrives]) => {
    const answer = await market.get(`/api/me${sent}`, { headers: await market.as() });
    expect(answer.status).toBe(200);
    expect(answer.json['url']).toBe(`/api/me${arrives}`);
    expect(answer.text).not.toContain('secret');
  });

  it('is not another parameter that looks like it', async () => {
    const query = '?my_access_token=1&access_token_hint=2&q=access_token&access-token=%61';
    const answer = await market.get(`/api/me${query}`, { headers: await market.as() });
    expect(answer.json['url']).toBe(`/api/me${query}`);
  });

  it('is taken out where tokens are not looked at, too', async () => {
    for (const path of ['/api/auth/guest', '/api/v1/images/a/1.webp']) {
      const answer = await market.get(`${path}?access_token=secret&w=1`);
      expect(answer.json).toMatchObject({ url: `${path}?w=1` });
      expect(answer.text).not.toContain('secret');
    }
  });
});

describe.skipIf(external)('the logs of the gateway', () => {
  it('never hold a token that was in the query', async () => {
    const secret = await market.token();
    const headers = { ...bearer(await market.token()), 'x-request-id': 'request-with-a-token' };
    await market.get(`/api/me?access_token=${secret}`);
    // What goes wrong is logged with the request that it befell.
    await market.redis.stop();
    await market.services.bff.stop();
    const path = `/api/me?a=1&access%5Ftoken=${secret}&b=visible`;
    expect((await market.get(path, { headers })).status).toBe(502);
    await market.services.bff.start();
    await market.redis.start();

    await until(() => market.gateway.output().includes('connect() failed'), 'the error');
    const line = await until(async () => {
      const lines = (await market.gateway.accessLog()).split('\n');
      return lines.find((it) => it.includes('request-with-a-token'));
    }, 'the line of the access log');
    expect(market.gateway.output()).toContain('ended sessions cannot be checked');
    expect(market.gateway.output()).toContain('GET /api/me?***');
    expect(line).not.toContain('visible');
    for (const log of [market.gateway.output(), await market.gateway.accessLog()]) {
      expect(log).not.toContain(secret.split('.')[2]);
    }
  });
});
