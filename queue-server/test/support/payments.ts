import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { loadConfig } from '@doa-market/common/config';
import type { PaymentSession, Problem, Payment as PublicPayment } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis } from '@doa-market/common/redis';
import { createApp } from '@doa-market/common/server';
import { startAuthority, until } from '@doa-market/common/testing';
import { freePort } from '@doa-market/scripts/free-port';
import { redisUrl, temporaryDatabase } from '@doa-market/scripts/testing';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { CardName } from '../../sandbox-pg/src/payment/cards.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createDatabase, type Database } from '../../src/database.ts';
import { createFulfilment } from '../../src/fulfilment/fulfilment.ts';
import type { Prisma } from '../../src/generated/prisma/client.ts';
import { createOrderRepository } from '../../src/order/repository.ts';
import { createPayments } from '../../src/payment/payments.ts';
import { paymentRoutes } from '../../src/payment/routes.ts';
import { paymentWebhookRoutes } from '../../src/payment/webhook-routes.ts';
import { signWebhook } from '../../src/payment/webhook-signature.ts';
import { startSandboxPg, WEBHOOK_SECRET } from './sandbox-pg.ts';
import { createShelf } from './shelf.ts';

const EntriesSchema = Type.Array(Type.Object({ kind: Type.String(), amount: Type.Integer() }));

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const PRICE = 30_000;

/** The payments of queue-server beside a sandbox gateway, with a shelf of holds in memory and real everything else. */
export async function startPayments(environment: Record<string, string> = {}) {
  const [store, authority, port] = await Promise.all([
    temporaryDatabase(MIGRATIONS),
    startAuthority(),
    freePort(),
  ]);
  const sandbox = await startSandboxPg({ webhookUrl: `http://127.0.0.1:${port}/api/payments/webhook` });
  const config = loadConfig(ConfigSchema, {
    LOG_LEVEL: 'warn',
    DATABASE_URL: store.url,
    REDIS_URL: redisUrl(),
    AUTH_SERVICE_URL: authority.url,
    PAYMENT_API_URL: sandbox.url(),
    PAYMENT_TIMEOUT: '1000',
    PAYMENT_CANCEL_TIMEOUT: '1000',
    ...environment,
  });

  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  const logger = createLogger({ name: 'queue-server', level: config.LOG_LEVEL }, destination);
  const database = createDatabase(store.url);
  await until(() => connect(database), 'the database having its connections');
  const redis = createRedis(config.REDIS_URL, { name: 'payments', logger });
  await connectRedis(redis);
  const metrics = createMetrics('queue-server');
  const { verifyToken } = trustAuthServer(config, [USER_AUDIENCE], { redis, logger });
  const app = await createApp({
    name: 'queue-server',
    description: 'payments',
    ...{ logger, metrics, verifyToken },
    dependencies: [],
  });
  const orders = createOrderRepository(database);
  const shelf = createShelf();
  const payments = createPayments({ config, database, inventory: shelf.inventory, orders, metrics, logger });
  const fulfilment = createFulfilment({
    ...{ database, orders, inventory: shelf.inventory, refunds: payments.refunds },
    followUp: async () => undefined,
  });
  await app.register(paymentRoutes, { prefix: '/api', payments: payments.service });
  await app.register(paymentWebhookRoutes, { prefix: '/api', ...payments });
  await app.listen({ host: '127.0.0.1', port });

  /** Stands for the consumer of events: brings orders on that something is left to do of. */
  let isWorking = true;
  async function bringOn(): Promise<void> {
    const due = await database.order.findMany({ where: { advanceAt: { not: null } }, select: { id: true } });
    await Promise.allSettled(due.map(({ id }) => fulfilment.advance(id)));
  }
  async function work(): Promise<void> {
    while (isWorking) {
      await bringOn().catch(() => undefined);
      await delay(25);
    }
  }
  const working = work();

  const control = async (method: string, path: string, body?: object) => {
    const { status, json } = await sandbox.call(method, `/sandbox${path}`, body);
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  };

  const request = async (
    method: 'GET' | 'POST',
    url: string,
    memberId: string,
    more: RequestOptions = {},
  ) => {
    const authorization = `Bearer ${await authority.token('MEMBER', memberId)}`;
    const { headers, body } = more;
    return app.inject({
      method,
      url,
      headers: { authorization, ...headers },
      ...(body && { payload: body }),
    });
  };

  return {
    app,
    config,
    database,
    payments,
    fulfilment,
    shelf,
    sandbox,
    /** What was logged from `warn` on. */
    lines,
    alarms: () => lines.flatMap((line) => (typeof line['alarm'] === 'string' ? [line['alarm']] : [])),
    control,

    /** An order of one seat that is held, as a reservation leaves it. */
    async order(changes: Partial<Prisma.OrderUncheckedCreateInput> = {}) {
      const hold = shelf.hold(300);
      return database.order.create({
        data: {
          memberId: randomUUID(),
          kind: 'SEATS',
          status: 'HELD',
          title: '가을 음악회',
          amount: PRICE,
          holdId: hold.id,
          holdExpiresAt: hold.expiresAt,
          seats: {
            create: {
              position: 0,
              seatId: randomUUID(),
              section: 'A',
              row: '1',
              number: 1,
              grade: 'VIP',
              unitPrice: PRICE,
            },
          },
          ...changes,
        },
      });
    },

    request,
    begin: (
      order: { id: string; memberId: string; amount: number },
      { key = randomUUID(), permit, amount = order.amount, memberId = order.memberId }: BeginOptions = {},
    ) =>
      request('POST', '/api/payments', memberId, {
        headers: { 'x-idempotency-key': key, ...(permit && { 'x-queue-token': permit }) },
        body: { orderId: order.id, amount },
      }),

    /** Begins, and expects that it may. */
    async session(order: { id: string; memberId: string; amount: number }): Promise<PaymentSession> {
      const response = await this.begin(order);
      if (response.statusCode !== 201) throw new Error(response.body);
      return response.json();
    },

    /** What a buyer does on the gateway's page. */
    pay: (paymentId: string, card: CardName) => control('POST', `/payments/${paymentId}/pay`, { card }),

    async complete(order: { memberId: string }, paymentId: string): Promise<PublicPayment> {
      const response = await request('POST', `/api/payments/${paymentId}/complete`, order.memberId);
      if (response.statusCode !== 200) throw new Error(response.body);
      return response.json();
    },

    async find(order: { memberId: string }, paymentId: string): Promise<PublicPayment> {
      return (await request('GET', `/api/payments/${paymentId}`, order.memberId)).json();
    },

    /** What the gateway says of its own: by currency, of this payment. */
    async moneyAtGateway(paymentId: string): Promise<number[]> {
      const { json } = await sandbox.call('GET', `/sandbox/ledger?paymentId=${paymentId}`);
      const entries = Value.Parse(EntriesSchema, json['entries']);
      return entries.map(({ kind, amount }) => (kind === 'CAPTURE' ? amount : -amount));
    },

    /** Sends a webhook as anybody can: signed with what `secret` says. */
    webhook(
      body: object | string,
      { secret = WEBHOOK_SECRET, id = randomUUID(), age = 0 }: WebhookOptions = {},
    ) {
      const payload = typeof body === 'string' ? body : JSON.stringify(body);
      const timestamp = Math.floor(Date.now() / 1_000) - age;
      return app.inject({
        method: 'POST',
        url: '/api/payments/webhook',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signWebhook(secret, id, timestamp, payload),
        },
        payload,
      });
    },

    /** Everything that is known of an order, and all that was said of it. */
    async state(orderId: string) {
      const order = await database.order.findUniqueOrThrow({
        where: { id: orderId },
        include: { payments: { include: { refund: true }, orderBy: { createdAt: 'asc' } }, seats: true },
      });
      const events = await database.outboxEvent.findMany({
        where: { aggregateId: orderId },
        orderBy: { version: 'asc' },
      });
      return { ...order, events: events.map(({ eventType }) => eventType) };
    },

    /** What has become of an order, when it is as it should be. */
    ended(orderId: string, status: string) {
      return until(async () => {
        const order = await this.state(orderId);
        return order.status === status && order.advanceAt === null && order;
      }, `the order being ${status}`);
    },

    /** As if `seconds` had gone by for a payment and its order. */
    async age(paymentId: string, seconds: number): Promise<void> {
      await database.$executeRaw`
        UPDATE payments SET created_at = created_at - make_interval(secs => ${seconds}),
          expires_at = expires_at - make_interval(secs => ${seconds}),
          ask_again_at = ask_again_at - make_interval(secs => ${seconds})
        WHERE id = ${paymentId}::uuid`;
    },

    async close(): Promise<void> {
      isWorking = false;
      await working;
      await app.close();
      await sandbox.close();
      await payments.close();
      redis.disconnect();
      await database.$disconnect();
      await authority.close();
      await store.drop();
    },
  };
}
export type PaymentWorld = Awaited<ReturnType<typeof startPayments>>;

/** On a machine that is busy, connections take longer than a request waits for one: they are made before. */
async function connect(database: Database): Promise<boolean> {
  await Promise.all(Array.from({ length: 10 }, () => database.$executeRaw`SELECT pg_sleep(0.2)`));
  return true;
}

interface RequestOptions {
  headers?: Record<string, string>;
  body?: object;
}

interface WebhookOptions {
  secret?: string;
  id?: string;
  /** Seconds */
  age?: number;
}

interface BeginOptions {
  key?: string;
  permit?: string;
  amount?: number;
  memberId?: string;
}

export const codeOf = (response: { statusCode: number; json: () => Problem }) =>
  `${response.statusCode} ${response.json().code}`;

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
