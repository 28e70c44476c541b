import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => market.services.queue.reset());

afterAll(() => market.close());

describe('a webhook of the payment gateway', () => {
  const path = '/api/payments/webhook';
  const signed = {
    'content-type': 'application/json',
    'webhook-id': 'message-1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': 'v1,c2lnbmF0dXJl',
  };

  it('needs no token and no key, and arrives byte for byte', async () => {
    const body = '{ "type" : "Transaction.Paid",\r\n "data":{"orderName":"\uc88c\uc11d \\u00e9"} } ';
    const answer = await market.get(path, { method: 'POST', headers: signed, body });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-idempotency-status');
    const [seen] = market.services.queue.seen;
    expect(seen?.body.toString()).toBe(body);
    expect(seen?.headers).toMatchObject(signed);
  });

  it('is not counted with the limits of buyers', async () => {
    const burst = Array.from({ length: 400 }, () =>
      market.get(path, { method: 'POST', headers: signed, body: '{}' }),
    );
    const statuses = new Set((await Promise.all(burst)).map(({ status }) => status));
    expect([...statuses]).toEqual([200]);
  });

  it('is not believed to come from a member', async () => {
    const headers = { ...signed, ...(await market.as()), 'x-user-id': 'forged' };
    await market.get(path, { method: 'POST', headers, body: '{}' });
    expect(market.services.queue.seen[0]?.headers).not.toHaveProperty('x-user-id');
  });

  it('can only be posted', async () => {
    expect((await market.get(path)).status).toBe(401);
  });
});

describe('what may be repeated', () => {
  it.each(['/api/orders/1/cancel', '/api/payments/1/complete', '/api/queue/1/enter'])(
    '%s needs no key, and answers what is so now',
    async (path) => {
      const headers = { ...(await market.as()), 'idempotency-key': randomUUID() };
      for (const turn of [1, 2]) {
        market.services.queue.reply = (response) => response.end(`${turn}`);
        expect((await market.get(path, { method: 'POST', headers })).text).toBe(`${turn}`);
      }
    },
  );
});

describe('X-Queue-Token', () => {
  const token = `qr_${'s'.repeat(43)}`;

  it('gets through, and into no log', async () => {
    const id = randomUUID();
    const headers = {
      ...(await market.as()),
      'x-request-id': id,
      'x-queue-token': token,
      'x-idempotency-key': randomUUID(),
    };
    await market.get('/api/reservations', { method: 'POST', headers, body: '{}' });
    expect(market.services.queue.seen[0]?.headers).toMatchObject({ 'x-queue-token': token });
    if (external) return;
    const log = await until(async () => {
      const text = await market.gateway.accessLog();
      return text.includes(id) && text;
    }, 'the line of the request');
    expect(log).not.toContain(token);
    expect(market.gateway.output()).not.toContain(token);
  });
});

describe('the live figures of a waiting room', () => {
  it('come one by one', async () => {
    let write: (part: string) => void = () => undefined;
    market.services.queue.reply = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      write = (part) => response.write(part);
      write('data: 1\n\n');
    };
    const parts: string[] = [];
    const url = `${market.gateway.url}/api/queue/1/live`;
    const request = get(url, { headers: await market.as('ADMIN') }, (response) => {
      response.on('data', (part: Buffer) => parts.push(part.toString()));
    });
    request.on('error', () => undefined);
    await until(() => parts.join('') === 'data: 1\n\n', 'the first message');
    write('data: 2\n\n');
    await until(() => parts.join('') === 'data: 1\n\ndata: 2\n\n', 'the second message');
    request.destroy();
  });
});
