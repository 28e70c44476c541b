import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '@doa-market/common/config';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConfigSchema } from '../sandbox-pg/src/config.ts';
import { openStore } from '../sandbox-pg/src/store.ts';
import {
  API_SECRET,
  type Received,
  type SandboxPg,
  SHOP,
  startSandboxPg,
  startWebhookReceiver,
  WEBHOOK_SECRET,
} from './support/sandbox-pg.ts';

let shop: Awaited<ReturnType<typeof startWebhookReceiver>>;
let pg: SandboxPg;

beforeAll(async () => {
  shop = await startWebhookReceiver();
  pg = await startSandboxPg({ webhookUrl: shop.url });
});

afterAll(async () => {
  await pg.close();
  await shop.close();
});

afterEach(async () => {
  await pg.call('PUT', '/sandbox/faults', {});
  shop.answer = () => ({ status: 200 });
  shop.received.length = 0;
});

async function registered(body: object = {}): Promise<string> {
  const id = randomUUID();
  expect((await pg.register(id, body)).status).toBe(200);
  return id;
}

async function paid(body: object = {}): Promise<string> {
  const id = await registered(body);
  expect((await pg.pay(id)).json['result']).toBe('PAID');
  return id;
}

const about = (id: string): Received[] => shop.received.filter(({ data }) => data['paymentId'] === id);
const typesOf = (id: string): string[] => about(id).map(({ type }) => type);
const told = (id: string, type: string) =>
  vi.waitFor(() => {
    const message = about(id).find((it) => it.type === type);
    if (!message) throw new Error(`${type} has not come`);
    return message;
  });

async function ledgerOf(id: string) {
  const { json } = await pg.call('GET', `/sandbox/ledger?paymentId=${id}`);
  return json['entries'];
}

/** Whether the message holds by a secret, says an implementation that is not ours. */
function verifies({ headers, raw }: Received, secret = WEBHOOK_SECRET): boolean {
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`]));
  try {
    new Webhook(secret).verify(raw, flat);
    return true;
  } catch {
    return false;
  }
}

describe('the REST API', () => {
  it('lets nobody in without the secret, nor for another store', async () => {
    const id = await registered();
    for (const authorization of ['', 'PortOne wrong', `Bearer ${API_SECRET}`]) {
      const answer = await pg.call('GET', `/payments/${id}`, undefined, { authorization });
      expect(answer).toMatchObject({ status: 401, json: { type: 'UNAUTHORIZED' } });
    }
    expect(await pg.call('GET', `/payments/${id}?storeId=other`)).toMatchObject({
      status: 403,
      json: { type: 'FORBIDDEN' },
    });
  });

  it('refuses what it cannot read, as PortOne words it', async () => {
    const refused = { status: 400, json: { type: 'INVALID_REQUEST' } };
    expect(await pg.register('a b')).toMatchObject(refused);
    expect(await pg.register('x', { totalAmount: 0.5 })).toMatchObject(refused);
    expect(await pg.register('x', { redirectUrl: 'https://evil.example/' })).toMatchObject(refused);
    expect(await pg.register('x', { redirectUrl: `${SHOP}@evil.example/` })).toMatchObject(refused);
    expect(await pg.register('x', { redirectUrl: 'javascript:alert(1)' })).toMatchObject(refused);
  });

  it('knows no payment that its buyer has not come near', async () => {
    const id = await registered();
    const unknown = { status: 404, json: { type: 'PAYMENT_NOT_FOUND' } };
    expect(await pg.get(id)).toMatchObject(unknown);
    expect(await pg.cancel(id)).toMatchObject(unknown);
    await fetch(`${pg.url()}/checkout/${id}`);
    expect(await pg.get(id)).toMatchObject({ status: 200, json: { status: 'READY' } });
    expect(await pg.cancel(id)).toMatchObject({ status: 409, json: { type: 'PAYMENT_NOT_PAID' } });
  });

  it('takes the last registration until the payment is made, and none after it', async () => {
    const id = await registered();
    await pg.register(id, { totalAmount: 70_000 });
    await pg.pay(id);
    expect((await pg.get(id)).json['amount']).toMatchObject({ total: 70_000, paid: 70_000 });
    expect(await pg.register(id)).toMatchObject({ status: 409, json: { type: 'ALREADY_PAID' } });
  });

  it('gives back parts, then the rest, and never more than there is', async () => {
    const id = await paid();
    expect((await pg.cancel(id, { amount: 20_000, currentCancellableAmount: 50_000 })).status).toBe(200);
    expect((await pg.get(id)).json).toMatchObject({
      status: 'PARTIAL_CANCELLED',
      amount: { paid: 50_000, cancelled: 20_000 },
    });
    expect((await pg.cancel(id, { amount: 30_001 })).json['type']).toBe(
      'CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT',
    );
    expect((await pg.cancel(id, { currentCancellableAmount: 50_000 })).json['type']).toBe(
      'CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN',
    );
    const last = await pg.cancel(id);
    expect(last.json['cancellation']).toMatchObject({ status: 'SUCCEEDED', totalAmount: 30_000 });
    expect((await pg.get(id)).json['status']).toBe('CANCELLED');
    expect((await pg.cancel(id)).json['type']).toBe('PAYMENT_ALREADY_CANCELLED');
    expect(await ledgerOf(id)).toMatchObject([
      { kind: 'CAPTURE', amount: 50_000 },
      { kind: 'CANCELLATION', amount: 20_000 },
      { kind: 'CANCELLATION', amount: 30_000 },
    ]);
    await told(id, 'Transaction.PartialCancelled');
    expect((await told(id, 'Transaction.Cancelled')).data).toHaveProperty('cancellationId');
  });
});

describe('an idempotency key', () => {
  it('gives the same answer again, and does nothing again', async () => {
    const id = await paid();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await pg.cancel(id, { amount: 10_000 }, headers);
    expect(await pg.cancel(id, { amount: 10_000 }, headers)).toEqual(first);
    expect(
      await pg.cancel(id, { amount: 10_000 }, { 'idempotency-key': `"${headers['idempotency-key']}"` }),
    ).toEqual(first);
    expect(await ledgerOf(id)).toHaveLength(2);
  });

  it('is for one request alone, and for three hours', async () => {
    const id = await paid();
    const headers = { 'idempotency-key': randomUUID() };
    await pg.cancel(id, { amount: 10_000 }, headers);
    expect((await pg.cancel(id, { amount: 20_000 }, headers)).status).toBe(422);
    await pg.advance(3 * 60 * 60);
    expect((await pg.cancel(id, { amount: 20_000 }, headers)).status).toBe(200);
  });

  it('keeps a refusal too', async () => {
    const id = await registered();
    const headers = { 'idempotency-key': randomUUID() };
    expect((await pg.cancel(id, {}, headers)).status).toBe(404);
    await pg.pay(id);
    expect((await pg.cancel(id, {}, headers)).status).toBe(404);
    expect((await pg.get(id)).json['status']).toBe('PAID');
  });

  it('is busy while its request is under way', async () => {
    const id = await paid();
    const headers = { 'idempotency-key': randomUUID() };
    const api = { operations: ['cancel'], mode: 'hang', when: 'after', times: 1 };
    await pg.call('PUT', `/sandbox/payments/${id}/faults`, { api });
    const first = pg.cancel(id, {}, headers);
    await vi.waitFor(async () => expect((await pg.get(id)).json['status']).toBe('CANCELLED'));
    expect((await pg.cancel(id, {}, headers)).json['type']).toBe('IDEMPOTENCY_OUTSTANDING_REQUEST');
    await pg.advance(60);
    expect(await first).toEqual(await pg.cancel(id, {}, headers));
  });

  it('has to look like one', async () => {
    expect((await pg.cancel(await paid(), {}, { 'idempotency-key': 'short' })).status).toBe(400);
  });
});

describe('a test card', () => {
  it('approves: asked first, captured once, reported', async () => {
    const id = await registered({ orderName: '무드 램프' });
    expect((await pg.pay(id, '4242 4242 4242 4242')).json['result']).toBe('PAID');
    expect((await pg.get(id)).json).toMatchObject({
      status: 'PAID',
      orderName: '무드 램프',
      currency: 'KRW',
      amount: { total: 50_000, paid: 50_000, cancelled: 0 },
      method: { type: 'PaymentMethodCard', card: { number: '**** **** **** 4242' } },
    });
    const message = await told(id, 'Transaction.Paid');
    expect(typesOf(id).sort()).toEqual(['Transaction.Confirm', 'Transaction.Paid', 'Transaction.Ready']);
    const { data } = await told(id, 'Transaction.Confirm');
    expect(data).toMatchObject({ totalAmount: 50_000, transactionId: message.data['transactionId'] });
    expect((await pg.pay(id)).json['result']).toBe('BUSY');
    expect(await ledgerOf(id)).toHaveLength(1);
  });

  it.each([
    ['decline', 'DECLINED'],
    ['insufficient-funds', 'INSUFFICIENT_FUNDS'],
  ])('%ss, and another one may then be tried as another transaction', async (card, pgCode) => {
    const id = await registered();
    expect((await pg.pay(id, card)).json['result']).toBe('FAILED');
    const failed = await pg.get(id);
    expect(failed.json).toMatchObject({ status: 'FAILED', failure: { pgCode } });
    await told(id, 'Transaction.Failed');
    expect(typesOf(id)).not.toContain('Transaction.Confirm');
    expect((await pg.pay(id)).json['result']).toBe('PAID');
    expect((await pg.get(id)).json['transactionId']).not.toBe(failed.json['transactionId']);
  });

  it('takes its time', async () => {
    const id = await registered();
    const slow = pg.pay(id, 'slow');
    await vi.waitFor(async () => {
      const { json } = await pg.call('GET', `/sandbox/payments/${id}`);
      expect(json['status']).toBe('PROCESSING');
    });
    expect((await pg.get(id)).json['status']).toBe('READY');
    expect((await pg.pay(id)).json['result']).toBe('BUSY');
    await pg.advance(8);
    expect((await slow).json['result']).toBe('PAID');
  });

  it.each([
    ['timeout-before-capture', 0, 'FAILED', 'Transaction.Failed'],
    ['timeout-after-capture', 1, 'PAID', 'Transaction.Paid'],
  ])('%s: nobody hears of it for a minute', async (card, captures, status, type) => {
    const id = await registered();
    expect((await pg.pay(id, card)).json['result']).toBe('SILENT');
    expect(await ledgerOf(id)).toHaveLength(captures);
    const asked = pg.get(id);
    await vi.waitFor(() => expect(typesOf(id)).toContain('Transaction.Ready'));
    expect(typesOf(id)).not.toContain(type);
    await pg.advance(60);
    expect((await asked).json['status']).toBe(status);
    await told(id, type);
  });

  it('captures the wrong amount', async () => {
    const id = await registered();
    await pg.pay(id, 'wrong-amount');
    expect((await pg.get(id)).json).toMatchObject({ status: 'PAID', amount: { paid: 49_000 } });
    expect((await pg.cancel(id)).json['cancellation']).toMatchObject({ totalAmount: 49_000 });
  });

  it('captures in the wrong currency', async () => {
    const id = await registered();
    await pg.pay(id, 'wrong-currency');
    expect((await pg.get(id)).json).toMatchObject({ status: 'PAID', currency: 'USD' });
  });

  it('is challenged by 3-D Secure, which may be passed or not', async () => {
    const id = await registered();
    expect((await pg.pay(id, 'three-d-secure', { passes: false })).json['result']).toBe('FAILED');
    expect((await pg.get(id)).json['failure']).toMatchObject({ pgCode: 'AUTHENTICATION_FAILED' });
    expect((await pg.pay(id, 'three-d-secure')).json['result']).toBe('PAID');
  });

  it('is the only kind of card that is taken', async () => {
    const id = await registered();
    expect((await pg.pay(id, '5555555555554444')).status).toBe(400);
    expect(await ledgerOf(id)).toEqual([]);
  });
});

describe('the question before the capture', () => {
  it('answered with a no ends the payment, and the buyer is told why', async () => {
    const id = await registered();
    shop.answer = ({ type }) =>
      type === 'Transaction.Confirm'
        ? { status: 409, body: { errorMessage: '좌석이 풀렸습니다.' } }
        : { status: 200 };
    expect((await pg.pay(id)).json['result']).toBe('FAILED');
    expect((await pg.get(id)).json['failure']).toMatchObject({
      pgCode: 'CONFIRM_REFUSED',
      reason: '좌석이 풀렸습니다.',
    });
    expect(await ledgerOf(id)).toEqual([]);
  });

  it.each([204, 302, 500])('answered with %d is no yes', async (status) => {
    const id = await registered();
    shop.answer = ({ type }) => ({ status: type === 'Transaction.Confirm' ? status : 200 });
    expect((await pg.pay(id)).json['result']).toBe('FAILED');
    expect(typesOf(id).filter((type) => type === 'Transaction.Confirm')).toHaveLength(1);
  });

  it('is not asked where it is switched off', async () => {
    const own = await startSandboxPg({ webhookUrl: shop.url, CONFIRM_STEP: 'off' });
    const id = randomUUID();
    await own.register(id);
    expect((await own.pay(id)).json['result']).toBe('PAID');
    await told(id, 'Transaction.Paid');
    expect(typesOf(id)).not.toContain('Transaction.Confirm');
    await own.close();
  });
});

describe('a webhook', () => {
  it('is signed as Standard Webhooks wants it', async () => {
    const id = await paid();
    const message = await told(id, 'Transaction.Paid');
    expect(verifies(message)).toBe(true);
    expect(verifies(await told(id, 'Transaction.Confirm'))).toBe(true);
    expect(verifies({ ...message, raw: message.raw.replace(id, randomUUID()) })).toBe(false);
  });

  it('is sent again until it is taken, with the same id, at most five times', async () => {
    shop.answer = ({ type }) => ({ status: type === 'Transaction.Paid' ? 503 : 200 });
    const id = await paid();
    const sent = () => about(id).filter(({ type }) => type === 'Transaction.Paid');
    for (const [attempt, minutes] of [1.1, 4.4, 17.6, 70.4, 281.6].entries()) {
      await vi.waitFor(() => expect(sent()).toHaveLength(attempt + 1));
      await vi.waitFor(async () => expect(await attemptsOf(id)).toBe(attempt + 1));
      await pg.advance(minutes * 60);
    }
    await vi.waitFor(async () => expect(await attemptsOf(id)).toBe(6));
    expect(new Set(sent().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(sent().map(({ raw }) => raw)).size).toBe(1);
  });

  async function attemptsOf(id: string): Promise<number | undefined> {
    const { json } = await pg.call('GET', `/sandbox/webhooks?paymentId=${id}`);
    const all = json['webhooks'] as { type: string; attempts: string[] }[];
    return all.find(({ type }) => type === 'Transaction.Paid')?.attempts.length;
  }

  it('comes late', async () => {
    await pg.call('PUT', '/sandbox/faults', { webhooks: { delay: 30 } });
    const id = await paid();
    await pg.advance(29);
    expect(shop.notices()).toEqual([]);
    await pg.advance(1);
    await told(id, 'Transaction.Paid');
  });

  it('comes more than once', async () => {
    const id = await registered();
    await pg.call('PUT', `/sandbox/payments/${id}/faults`, { webhooks: { duplicates: 3 } });
    await pg.pay(id);
    await vi.waitFor(() => expect(typesOf(id).filter((it) => it === 'Transaction.Paid')).toHaveLength(4));
    expect(new Set(about(id).map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('is overtaken by a later one', async () => {
    const id = await registered();
    await pg.call('PUT', `/sandbox/payments/${id}/faults`, { webhooks: { reorder: 3 } });
    await pg.pay(id);
    await pg.cancel(id);
    await vi.waitFor(() =>
      expect(typesOf(id).filter((type) => type !== 'Transaction.Confirm')).toEqual([
        'Transaction.Cancelled',
        'Transaction.Paid',
        'Transaction.Ready',
      ]),
    );
  });

  it('does not come at all, as often as asked for', async () => {
    await pg.call('PUT', '/sandbox/faults', { webhooks: { drop: true, times: 2 } });
    const id = await paid();
    await pg.cancel(id);
    await told(id, 'Transaction.Cancelled');
    expect(typesOf(id)).toEqual(['Transaction.Confirm', 'Transaction.Cancelled']);
  });

  it.each([{ badSignature: true }, { age: 600 }])('does not hold: %o', async (fault) => {
    const id = await registered();
    await pg.call('PUT', `/sandbox/payments/${id}/faults`, { webhooks: fault });
    await pg.pay(id);
    expect(verifies(await told(id, 'Transaction.Paid'))).toBe(false);
    expect(verifies(await told(id, 'Transaction.Confirm'))).toBe(false);
  });

  it('is signed by both secrets while they are changed, and then by the new one alone', async () => {
    const own = await startSandboxPg({ webhookUrl: shop.url });
    const secret = String((await own.call('POST', '/sandbox/webhook-secrets')).json['secret']);
    expect((await own.call('POST', '/sandbox/webhook-secrets')).status).toBe(400);
    const [first, second] = [randomUUID(), randomUUID()];
    await own.register(first);
    await own.pay(first);
    const both = await told(first, 'Transaction.Paid');
    expect([verifies(both), verifies(both, secret)]).toEqual([true, true]);

    expect((await own.call('DELETE', '/sandbox/webhook-secrets/oldest')).status).toBe(204);
    await own.register(second);
    await own.pay(second);
    const one = await told(second, 'Transaction.Paid');
    expect([verifies(one), verifies(one, secret)]).toEqual([false, true]);
    await own.close();
  });
});

describe('a call that goes wrong', () => {
  it.each(['before', 'after'])('is cut off %s it was done', async (when) => {
    const id = await paid();
    const headers = { 'idempotency-key': randomUUID() };
    const api = { operations: ['cancel'], mode: 'drop', when, times: 1 };
    await pg.call('PUT', '/sandbox/faults', { api });
    await expect(pg.cancel(id, {}, headers)).rejects.toThrow();
    expect(await ledgerOf(id)).toHaveLength(when === 'after' ? 2 : 1);
    expect((await pg.cancel(id, {}, headers)).status).toBe(200);
    expect(await ledgerOf(id)).toHaveLength(2);
  });

  it('says that the card company is away', async () => {
    const id = await paid();
    await pg.call('PUT', '/sandbox/faults', { api: { mode: 'unavailable', when: 'before', times: 1 } });
    expect(await pg.cancel(id)).toMatchObject({ status: 502, json: { type: 'PG_PROVIDER' } });
    expect((await pg.cancel(id)).status).toBe(200);
  });
});

describe('a cancellation', () => {
  it('may be under way for a while', async () => {
    const id = await paid();
    const cancellations = { mode: 'pending', seconds: 90, times: 1 };
    await pg.call('PUT', `/sandbox/payments/${id}/faults`, { cancellations });
    expect((await pg.cancel(id)).json['cancellation']).toMatchObject({ status: 'REQUESTED' });
    expect((await pg.get(id)).json).toMatchObject({
      status: 'PAID',
      amount: { cancelled: 0 },
      cancellations: [{ status: 'REQUESTED', totalAmount: 50_000 }],
    });
    expect((await pg.cancel(id)).json['type']).toBe('CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT');
    await told(id, 'Transaction.CancelPending');
    expect(await ledgerOf(id)).toHaveLength(1);
    await pg.advance(90);
    expect((await pg.get(id)).json).toMatchObject({ status: 'CANCELLED', amount: { cancelled: 50_000 } });
    await told(id, 'Transaction.Cancelled');
    expect(await ledgerOf(id)).toHaveLength(2);
  });

  it('may be refused, and asked for again', async () => {
    const id = await paid();
    await pg.call('PUT', '/sandbox/faults', { cancellations: { mode: 'refused', times: 1 } });
    expect((await pg.cancel(id)).json['cancellation']).toMatchObject({ status: 'FAILED' });
    expect((await pg.get(id)).json).toMatchObject({ status: 'PAID', amount: { cancelled: 0 } });
    expect((await pg.cancel(id)).json['cancellation']).toMatchObject({ status: 'SUCCEEDED' });
    expect(await ledgerOf(id)).toHaveLength(2);
  });

  it('need not be told of', async () => {
    const id = await paid();
    await pg.cancel(id, { amount: 1_000, skipWebhook: true });
    await pg.cancel(id);
    await told(id, 'Transaction.Cancelled');
    expect(typesOf(id)).not.toContain('Transaction.PartialCancelled');
  });
});

describe('the page', () => {
  const redirectUrl = `${SHOP}/checkout/result?from=pg`;

  async function submit(id: string, step: string, form: Record<string, string>) {
    const response = await fetch(`${pg.url()}/checkout/${id}/${step}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
    return { response, location: response.headers.get('location') ?? '' };
  }
  const open = async (id: string) => {
    const response = await fetch(`${pg.url()}/checkout/${id}`, { redirect: 'manual' });
    return { response, text: await response.text() };
  };

  it('shows what is paid for, lets no script run, and no markup through', async () => {
    const id = await registered({ orderName: '<script>alert(1)</script>', redirectUrl });
    const { response, text } = await open(id);
    expect(response.status).toBe(200);
    expect(text).toContain('50,000원');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
  });

  it('leads back to the shop once it is paid', async () => {
    const id = await registered({ redirectUrl });
    await open(id);
    const { response, location } = await submit(id, 'pay', { card: '4242-4242-4242-4242' });
    expect(response.status).toBe(303);
    const back = new URL(location);
    expect(back.origin).toBe(SHOP);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ from: 'pg', paymentId: id });
    expect(back.searchParams.has('code')).toBe(false);
  });

  it('leads back with a code when it is closed', async () => {
    const id = await registered({ redirectUrl });
    await open(id);
    const { location } = await submit(id, 'close', {});
    expect(new URL(location).searchParams.get('pgCode')).toBe('CANCELLED_BY_BUYER');
    expect((await pg.get(id)).json['status']).toBe('FAILED');
  });

  it('asks again for a card that is none of the test cards, and never repeats its number', async () => {
    const id = await registered();
    await open(id);
    const { response } = await submit(id, 'pay', { card: '5555555555554444' });
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).toContain('테스트 카드만 사용할 수 있습니다.');
    expect(text).not.toContain('5555555555554444');
    expect((await pg.get(id)).json['status']).toBe('READY');
  });

  it('has a second page for 3-D Secure', async () => {
    const id = await registered({ redirectUrl });
    await open(id);
    const { location } = await submit(id, 'pay', { preset: '4000000000003220' });
    expect(location).toBe(`/checkout/${id}/challenge`);
    const second = await fetch(`${pg.url()}${location}`);
    expect(await second.text()).toContain('3-D Secure');
    const passed = await submit(id, 'challenge', { result: 'pass' });
    expect(new URL(passed.location).origin).toBe(SHOP);
    expect((await pg.get(id)).json['status']).toBe('PAID');
  });

  it('does not know either when nobody answers', async () => {
    const id = await registered({ redirectUrl });
    await open(id);
    const { response } = await submit(id, 'pay', { card: '4000000000000259' });
    expect(response.status).toBe(504);
    expect(await response.text()).toContain(`${SHOP}/checkout/result`);
  });

  it('takes nothing for a payment that is unknown or over', async () => {
    expect((await open(randomUUID())).response.status).toBe(404);
    expect((await submit(randomUUID(), 'pay', {})).response.status).toBe(404);
    expect((await open(await paid())).response.status).toBe(409);
  });
});

describe('the clock', () => {
  it('ends a payment that was not made in time', async () => {
    const { json } = await pg.call('GET', '/sandbox/clock');
    const expiresAt = new Date(Date.parse(String(json['now'])) + 60_000).toISOString();
    const id = await registered({ expiresAt });
    await fetch(`${pg.url()}/checkout/${id}`);
    await pg.advance(61);
    expect((await pg.get(id)).json).toMatchObject({ status: 'FAILED', failure: { pgCode: 'EXPIRED' } });
    await told(id, 'Transaction.Failed');
    expect((await pg.pay(id)).json['result']).toBe('BUSY');
    expect(await ledgerOf(id)).toEqual([]);
  });
});

describe('the journal', () => {
  it('has on file whatever was answered, so that no kill can take it', async () => {
    const id = await paid();
    const { cancellation } = (await pg.cancel(id)).json as { cancellation: { id: string } };
    const lines = readFileSync(pg.journal, 'utf8').split('\n');
    const entries = lines.filter((line) => line.startsWith('{"entry"') && line.includes(id));
    expect(entries).toHaveLength(2);
    expect(entries[1]).toContain(cancellation.id);
  });

  it('keeps everything over a kill, even one in the middle of a line', async () => {
    const own = await startSandboxPg({ webhookUrl: shop.url });
    const [kept, open] = [randomUUID(), randomUUID()];
    await own.register(kept);
    await own.pay(kept);
    const headers = { 'idempotency-key': randomUUID() };
    const cancelled = await own.cancel(kept, { amount: 10_000 }, headers);
    await own.register(open);
    await fetch(`${own.url()}/checkout/${open}`);
    await own.advance(3_600);
    await own.call('PUT', '/sandbox/faults', { webhooks: { drop: true } });
    const before = await Promise.all([own.get(kept), own.call('GET', '/sandbox/ledger')]);
    appendFileSync(own.journal, '{"payment":{"id":"to');

    for (let restart = 0; restart < 2; restart += 1) {
      await own.restart();
      expect(await Promise.all([own.get(kept), own.call('GET', '/sandbox/ledger')])).toEqual(before);
      expect((await own.get(open)).json['status']).toBe('READY');
      expect(await own.cancel(kept, { amount: 10_000 }, headers)).toEqual(cancelled);
      expect((await own.call('GET', '/sandbox/clock')).json['ahead']).toBe(3_600);
      expect((await own.call('GET', '/sandbox/faults')).json).toEqual({ webhooks: { drop: true } });
    }
    await own.close();
  });

  it('sends what was not taken, fails what was under way, and breaks a silence all the same', async () => {
    const own = await startSandboxPg({ webhookUrl: shop.url });
    const [late, lost, silent, slow] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const id of [late, lost, silent, slow]) await own.register(id);
    await own.pay(slow);
    await own.call('PUT', `/sandbox/payments/${slow}/faults`, { cancellations: { mode: 'pending' } });
    await own.cancel(slow);
    await own.call('PUT', `/sandbox/payments/${late}/faults`, { webhooks: { delay: 300 } });
    await own.pay(late);
    own.pay(lost, 'slow').catch(() => undefined);
    await vi.waitFor(async () => {
      expect((await own.call('GET', `/sandbox/payments/${lost}`)).json['status']).toBe('PROCESSING');
    });
    await own.pay(silent, 'timeout-after-capture');
    await own.restart();

    expect((await own.get(lost)).json).toMatchObject({ status: 'FAILED', failure: { pgCode: 'TIMEOUT' } });
    expect(typesOf(late)).not.toContain('Transaction.Paid');
    await own.advance(300);
    await told(late, 'Transaction.Paid');
    await told(silent, 'Transaction.Paid');
    await told(slow, 'Transaction.Cancelled');
    await own.close();
  });
});

describe('what it keeps', () => {
  it('is bounded: what ended first makes room, and its money stays in the sums', async () => {
    const own = await startSandboxPg({ webhookUrl: shop.url, SANDBOX_MAX_PAYMENTS: '2' });
    const [first, second, third, fourth] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await own.register(first);
    await own.pay(first);
    await own.register(second);
    await own.register(third);
    expect((await own.get(first)).status).toBe(404);
    expect((await own.call('GET', '/sandbox/ledger')).json).toEqual({
      entries: [],
      totals: { KRW: { captured: 50_000, cancelled: 0, net: 50_000 } },
    });
    expect((await own.register(fourth)).status).toBe(503);
    await own.restart();
    expect((await own.call('GET', '/sandbox/ledger')).json['totals']).toEqual({
      KRW: { captured: 50_000, cancelled: 0, net: 50_000 },
    });
    await own.close();
  });

  it('does not grow on disk for ever either', () => {
    const file = path.join(path.dirname(pg.journal), 'grown.jsonl');
    const store = openStore({ file, capacity: 1 });
    for (let ahead = 1; ahead <= 30_000; ahead += 1) store.change({ ahead });
    store.close();
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(15_000);
    const again = openStore({ file, capacity: 1 });
    expect(again.settings().ahead).toBe(30_000);
    again.close();
  });

  it('can be printed', async () => {
    const id = await paid();
    const response = await fetch(`${pg.url()}/sandbox/ledger?format=text&paymentId=${id}`, {
      headers: { authorization: `PortOne ${API_SECRET}` },
    });
    expect(await response.text()).toMatch(new RegExp(`CAPTURE +${id} +50000 KRW`));
  });

  it('is for who has the secret', async () => {
    expect((await pg.call('GET', '/sandbox/payments', undefined, { authorization: '' })).status).toBe(401);
  });
});

describe('production', () => {
  it('does not have it', () => {
    const env = {
      NODE_ENV: 'production',
      PAYMENT_API_SECRET: 'a'.repeat(32),
      PAYMENT_WEBHOOK_SECRETS: 'whsec_c29tZXRoaW5nLW90aGVy',
      SANDBOX_PG_URL: 'https://pg.example',
    };
    expect(() => loadConfig(ConfigSchema, env)).toThrow(/NODE_ENV/);
  });
});
