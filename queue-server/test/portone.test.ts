import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ConfigError } from '@doa-market/common/config';
import { createMetrics } from '@doa-market/common/metrics';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGateway } from '../src/payment/create-gateway.ts';
import type { PaymentGateway } from '../src/payment/gateway.ts';

/** What PortOne says is put into its mouth: no sandbox says what nobody has thought of. */
let answer: { status: number; body: unknown };
let asked: { request: IncomingMessage; body: unknown } | undefined;
const server = createServer(async (request, response) => {
  asked = { request, body: request.method === 'POST' ? await json(request) : undefined };
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
});
const says = (status: number, body: unknown) => {
  answer = { status, body };
};

const settings = {
  NODE_ENV: 'production',
  PAYMENT_PROVIDER: 'portone' as const,
  PAYMENT_API_URL: '',
  PAYMENT_API_SECRET: 'the-api-secret-of-the-store',
  PAYMENT_WEBHOOK_SECRETS: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  PAYMENT_STORE_ID: 'store-1',
  PAYMENT_CHANNEL_KEY: 'channel-1',
  PAYMENT_TIMEOUT: 1_000,
  PAYMENT_CANCEL_TIMEOUT: 1_000,
  PUBLIC_URL: 'https://doa.market',
};
let gateway: PaymentGateway;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  gateway = createGateway(
    { ...settings, PAYMENT_API_URL: `http://127.0.0.1:${port}` },
    createMetrics('portone'),
  );
});
beforeEach(() => {
  asked = undefined;
});
afterAll(async () => {
  await gateway.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

const ID = '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90';
const amount = { total: 30_000, taxFree: 0, discount: 0, paid: 30_000, cancelled: 0, cancelledTaxFree: 0 };
const payment = { id: ID, transactionId: 't-1', currency: 'KRW', amount, orderName: '가을 음악회' };

it('sells nothing for the money of a sandbox', () => {
  const sandbox = { ...settings, PAYMENT_PROVIDER: 'sandbox' as const };
  expect(() => createGateway(sandbox, createMetrics('sandbox'))).toThrow(ConfigError);
});

describe('PortOne', () => {
  it('is told of a payment in its own words, and its browser SDK what it is called with', async () => {
    says(200, {});
    const expiresAt = new Date();
    const preparation = { paymentId: ID, orderName: '가을 음악회', amount: 30_000, expiresAt };
    expect(await gateway.prepare(preparation)).toEqual({
      kind: 'portone',
      storeId: 'store-1',
      channelKey: 'channel-1',
      paymentId: ID,
      orderName: '가을 음악회',
      totalAmount: 30_000,
      currency: 'KRW',
      payMethod: 'CARD',
      redirectUrl: `https://doa.market/checkout/result?paymentId=${ID}`,
      confirmUrl: 'https://doa.market/api/payments/webhook',
    });
    expect(asked?.request.url).toBe(`/payments/${ID}/pre-register`);
    expect(asked?.request.headers.authorization).toBe('PortOne the-api-secret-of-the-store');
    expect(asked?.body).toEqual({ storeId: 'store-1', totalAmount: 30_000, currency: 'KRW' });
  });

  it.each([
    ['READY', 'PENDING', 0],
    ['PAY_PENDING', 'PENDING', 0],
    ['VIRTUAL_ACCOUNT_ISSUED', 'PENDING', 0],
    ['SOMETHING_NEW', 'PENDING', 0],
    ['PAID', 'PAID', 30_000],
    ['PARTIAL_CANCELLED', 'PAID', 30_000],
    ['CANCELLED', 'CANCELLED', 30_000],
    ['FAILED', 'FAILED', 0],
  ])('says %s, which is %s', async (status, ours, captured) => {
    says(200, { ...payment, status });
    expect(await gateway.find(ID)).toMatchObject({
      status: ours,
      captured,
      transactionId: 't-1',
      currency: 'KRW',
    });
  });

  it('says why a card was declined, in its own words', async () => {
    says(200, { ...payment, status: 'FAILED', failure: { pgCode: '6000', pgMessage: '한도 초과' } });
    expect((await gateway.find(ID)).failure).toEqual({ code: 'OTHER', message: '한도 초과' });
  });

  it('knows nothing of a payment that was not begun', async () => {
    says(404, { type: 'PAYMENT_NOT_FOUND', message: 'none' });
    expect((await gateway.find(ID)).status).toBe('NONE');
  });

  it.each([
    ['another 404', 404, { type: 'NOT_FOUND' }],
    ['a wrong secret', 401, { type: 'UNAUTHORIZED' }],
    ['an outage', 503, { type: 'INTERNAL' }],
    ['nonsense', 200, { status: 'PAID' }],
    ['money that is none', 200, { ...payment, status: 'PAID', amount: { ...amount, total: -1 } }],
    ['half a won', 200, { ...payment, status: 'PAID', amount: { ...amount, total: 0.5 } }],
  ])('has said nothing where it says %s', async (_what, status, body) => {
    says(status, body);
    await expect(gateway.find(ID)).rejects.toMatchObject({ name: 'UpstreamError' });
  });
});

describe('giving back', () => {
  const cancel = () => gateway.cancel({ paymentId: ID, reason: '구매자 취소', key: `refund-${ID}-0` });

  it.each([
    ['SUCCEEDED', 'DONE'],
    ['REQUESTED', 'UNDER_WAY'],
    ['FAILED', 'REFUSED'],
    ['SOMETHING_NEW', 'UNDER_WAY'],
  ])('that is %s is %s', async (status, ours) => {
    says(200, { cancellation: { status, id: 'c-1', totalAmount: 30_000 } });
    expect(await cancel()).toEqual({ status: ours, cancellationId: 'c-1' });
    expect(asked?.request.headers['idempotency-key']).toMatch(/^[A-Za-z0-9_-]{16,256}$/);
    expect(asked?.body).toEqual({ storeId: 'store-1', reason: '구매자 취소' });
  });

  it.each(['PAYMENT_ALREADY_CANCELLED', 'PAYMENT_NOT_PAID', 'CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN'])(
    'is refused with %s',
    async (type) => {
      says(409, { type });
      expect(await cancel()).toEqual({ status: 'REFUSED', cancellationId: null });
    },
  );

  it.each([
    [409, 'IDEMPOTENCY_OUTSTANDING_REQUEST'],
    [502, 'PG_PROVIDER'],
    [401, 'UNAUTHORIZED'],
  ])('is an open question after %s %s', async (status, type) => {
    says(status, { type });
    await expect(cancel()).rejects.toMatchObject({ name: 'UpstreamError', status });
  });
});
