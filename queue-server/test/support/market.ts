import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import {
  IdSchema,
  type Order,
  OrderSchema,
  type PaymentSession,
  type Problem,
  type QueuePlace,
  type Reservation,
  ReservationSchema,
} from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import type { App } from '@doa-market/common/server';
import { startAuthority } from '@doa-market/common/testing';
import { redisUrl, temporaryDatabase } from '@doa-market/scripts/testing';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { openShop as openMembers } from '../../../member-server/test/support/shop.ts';
import { openShop as openCatalogue, redisFor } from '../../../product-server/test/support/shop.ts';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createDatabase } from '../../src/database.ts';
import { createFollowUp } from '../../src/fulfilment/follow-up.ts';
import { createFulfilment } from '../../src/fulfilment/fulfilment.ts';
import { createRecovery } from '../../src/fulfilment/recovery.ts';
import { createInventory } from '../../src/inventory/client.ts';
import { createOrderRepository } from '../../src/order/repository.ts';
import { createPayments } from '../../src/payment/payments.ts';
import { createUpstreams } from '../../src/upstream/clients.ts';
import { createMembers } from '../../src/upstream/members.ts';
import { createActive } from '../../src/waiting-room/active.ts';
import { REDIS_CLOCK } from '../../src/waiting-room/clock.ts';
import { createGrants } from '../../src/waiting-room/grants.ts';
import { keysOf } from '../../src/waiting-room/keys.ts';
import { createStore } from '../../src/waiting-room/store.ts';
import { startRoad } from './road.ts';
import { startSandboxPg } from './sandbox-pg.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const AddressIdSchema = Type.Object({ id: IdSchema });

interface Call {
  body?: object;
  key?: string | null;
  queueToken?: string;
  role?: string;
  /** Which of the two processes is asked. */
  at?: 0 | 1;
}

export const orderIn = ({ body }: { body: unknown }): Order => Value.Parse(OrderSchema, body);
export const reservationIn = ({ body }: { body: unknown }): Reservation =>
  Value.Parse(ReservationSchema, body);
export const problemIn = ({ body }: { body: unknown }) => body as Problem;

/** Where the gateway asks before it captures. Of all else nobody is told: what follows, a test says. */
async function openDoor() {
  let app: App | undefined;
  const server = createServer(async (request, response) => {
    const payload = await text(request);
    if (!app || !payload.includes('"Transaction.Confirm"')) return void response.writeHead(200).end();
    const { headers } = request;
    const answer = await app.inject({ method: 'POST', url: '/api/payments/webhook', headers, payload });
    response.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    lead: (to: App) => {
      app = to;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Two processes of queue-server with the real product-server, member-server and sandbox gateway around them, and roads
 * on which things get lost. They do not listen: so nobody hears of events, and what is left undone stays so until a test
 * says otherwise.
 */
export async function openMarket() {
  const authority = await startAuthority();
  const shared = { AUTH_SERVICE_URL: authority.url };
  const door = await openDoor();
  const [catalogue, store, sandbox] = await Promise.all([
    openCatalogue(shared),
    temporaryDatabase(MIGRATIONS),
    startSandboxPg({ webhookUrl: door.url }),
  ]);
  const toProducts = await startRoad(await catalogue.app.listen({ host: '127.0.0.1', port: 0 }));
  const membership = await openMembers({ ...shared, PRODUCT_SERVICE_URL: toProducts.url });
  const toMembers = await startRoad(membership.url);
  const config = loadConfig(ConfigSchema, {
    ...shared,
    LOG_LEVEL: 'silent',
    DATABASE_URL: store.url,
    REDIS_URL: redisUrl(),
    PRODUCT_SERVICE_URL: toProducts.url,
    MEMBER_SERVICE_URL: toMembers.url,
    PAYMENT_API_URL: sandbox.url(),
    REQUEST_TIMEOUT: '10000',
  });
  const apps = [await buildApp(config), await buildApp(config)] as const;
  const [app] = apps;
  door.lead(app);

  // The same parts once more, for tests to call by themselves.
  const database = createDatabase(store.url);
  const redis = await redisFor();
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  const logger = createLogger({ name: 'market', level: 'warn' }, destination);
  const metrics = createMetrics('market');
  const upstreams = createUpstreams(config, metrics);
  const inventory = createInventory(upstreams.productServer);
  const orders = createOrderRepository(database);
  const payments = createPayments({ config, database, inventory, orders, metrics, logger });
  const places = createStore(redis, REDIS_CLOCK);
  const grants = createGrants({ store: places, active: createActive(redis, places.hasPlace) });
  const followUp = createFollowUp({ members: createMembers(upstreams.memberServer), grants });
  const { refunds } = payments;
  const fulfilment = createFulfilment({ database, orders, inventory, refunds, followUp });
  const recover = createRecovery({ database, fulfilment, logger, metrics });

  async function call(method: 'GET' | 'POST' | 'PUT', path: string, memberId: string, options: Call = {}) {
    const { body: payload, key, queueToken, role = 'MEMBER', at = 0 } = options;
    const response = await apps[at].inject({
      method,
      url: `/api${path}`,
      headers: {
        authorization: `Bearer ${await authority.token(role, memberId)}`,
        ...(key && { 'x-idempotency-key': key }),
        ...(queueToken && { 'x-queue-token': queueToken }),
      },
      ...(payload && { payload }),
    });
    const body: unknown = response.json();
    return { status: response.statusCode, headers: response.headers, body };
  }

  return {
    ...{ app, database, orders, inventory, fulfilment, payments, grants, lines, sandbox, redis, metrics },
    ...{ boxOffice: catalogue.boxOffice, stock: catalogue.stock, toProducts, toMembers, membership },
    call,

    /** A member with an address. */
    async buyer() {
      const id = await membership.member();
      const address = {
        ...{ label: '집', recipient: '김도아', phone: '01012345678', postcode: '06236' },
        ...{ roadAddress: '서울특별시 강남구 테헤란로 152', detail: '101동 1203호' },
      };
      const token = await authority.token('MEMBER', id);
      const answer = await membership.call('POST', '/api/members/me/addresses', { token, body: address });
      return { id, token, addressId: Value.Parse(AddressIdSchema, answer.body).id, address };
    },

    /** Opens a waiting room in front of an event, and lets a member in. @returns the token */
    async letIn(eventId: string, memberId: string): Promise<string> {
      await call('PUT', `/queue/${eventId}`, randomUUID(), { role: 'ADMIN', body: {} });
      const entered = await call('POST', `/queue/${eventId}/enter`, memberId);
      const { receipt } = entered.body as QueuePlace;
      const { room, grant } = keysOf(eventId);
      const incarnation = (await redis.hget(room, 'incarnation')) ?? '';
      const token = `qr_${randomBytes(32).toString('base64url')}`;
      const expiresAt = Date.now() + 600_000;
      await redis.hset(grant(memberId), {
        admissionId: randomUUID(),
        token,
        receipt,
        incarnation,
        expiresAt,
      });
      return token;
    },

    reserve: (
      memberId: string,
      eventId: string,
      seatIds: string[],
      { key = randomUUID(), ...rest }: Call = {},
    ) => call('POST', '/reservations', memberId, { body: { eventId, seatIds }, key, ...rest }),

    /** A reservation of one seat, which is expected to be possible. */
    async reserved(memberId: string = randomUUID()) {
      const show = await catalogue.boxOffice.open(2);
      const [seatId = ''] = show.seatIds;
      const { order } = reservationIn(await this.reserve(memberId, show.id, [seatId]));
      return { order, memberId, seatId, show };
    },

    /** Pays for an order at the sandbox, and tells nobody. @returns the payment's id */
    async payFor(
      { id, amount }: Pick<Order, 'id' | 'amount'>,
      memberId: string,
      queueToken?: string,
    ): Promise<string> {
      const begun = await call('POST', '/payments', memberId, {
        body: { orderId: id, amount },
        key: randomUUID(),
        ...(queueToken && { queueToken }),
      });
      if (begun.status !== 201) throw new Error(JSON.stringify(begun.body));
      const { payment } = begun.body as PaymentSession;
      await sandbox.pay(payment.id);
      return payment.id;
    },

    /** Lets this server find out what has become of a payment, and do no more. */
    async settle(paymentId: string): Promise<void> {
      await database.payment.update({ where: { id: paymentId }, data: { askAgainAt: new Date(0) } });
      await payments.reconcile();
    },

    /** As it is in the database. */
    row: (id: string) =>
      database.order.findUniqueOrThrow({
        where: { id },
        include: { seats: true, items: true, payments: true },
      }),

    /** Events of an order that were written, in the order of its versions. */
    async eventsOf(id: string): Promise<string[]> {
      const events = await database.outboxEvent.findMany({
        where: { aggregateId: id },
        orderBy: { version: 'asc' },
      });
      return events.map(({ eventType }) => eventType);
    },

    /** Lets time pass for what an order holds, here and at product-server. */
    async pass(seconds: number): Promise<void> {
      await catalogue.stock.pass(seconds);
      await database.$executeRaw`
        UPDATE orders SET hold_expires_at = hold_expires_at - make_interval(secs => ${seconds})`;
      const claims = await redis.keys('seat:hold:*');
      if (claims.length > 0) await redis.del(claims);
    },

    /** What the recovery job does, without waiting for its time. */
    async recover(): Promise<void> {
      await database.$executeRaw`UPDATE orders SET advance_at = now() WHERE advance_at IS NOT NULL`;
      await recover();
    },
    /** What another process does at the same moment. */
    recoverAgain: recover,

    async close() {
      await Promise.all(apps.map((it) => it.close()));
      await Promise.all([upstreams.close(), payments.close()]);
      await Promise.all([toProducts.close(), toMembers.close(), door.close()]);
      await Promise.all([membership.close(), catalogue.close(), sandbox.close()]);
      redis.disconnect();
      await database.$disconnect();
      await Promise.all([authority.close(), store.drop()]);
    },
  };
}
export type Market = Awaited<ReturnType<typeof openMarket>>;
