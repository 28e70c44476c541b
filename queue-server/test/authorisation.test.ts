import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { POLICY } from '../src/policy.ts';

const CALLERS = {
  nobody: undefined,
  'a guest': { role: 'GUEST' },
  'a member': { role: 'MEMBER' },
  'a seller': { role: 'SELLER' },
  'an administrator': { role: 'ADMIN' },
  'product-server': { role: 'SERVICE', subject: 'service:product-server', aud: 'queue-server' },
  'bff-server': { role: 'SERVICE', subject: 'service:bff-server', aud: 'queue-server' },
  'a server that means another one': {
    ...{ role: 'SERVICE', subject: 'service:product-server', aud: 'member-server' },
  },
} as const;
type Caller = keyof typeof CALLERS;

const MEMBERS: Caller[] = ['a member', 'a seller', 'an administrator'];
const VISITORS: Caller[] = ['a guest', ...MEMBERS];
const ADMINISTRATORS: Caller[] = ['an administrator'];

/** Who is let in to what: a new operation without its row fails the first test. */
const TABLE: Record<string, Caller[]> = {
  getQueueRoom: VISITORS,
  enterQueue: MEMBERS,
  getQueuePlace: MEMBERS,
  leaveQueue: MEMBERS,
  putQueueRoom: ADMINISTRATORS,
  removeQueueRoom: ADMINISTRATORS,
  openQueue: ADMINISTRATORS,
  pauseQueue: ADMINISTRATORS,
  resumeQueue: ADMINISTRATORS,
  getQueueStats: ADMINISTRATORS,
  watchQueueStats: ADMINISTRATORS,
  createReservation: MEMBERS,
  createOrder: MEMBERS,
  listOwnOrders: MEMBERS,
  getOrder: MEMBERS,
  cancelOrder: MEMBERS,
  shipOrder: ADMINISTRATORS,
  createPayment: MEMBERS,
  getPayment: MEMBERS,
  completePayment: MEMBERS,
  findPurchase: ['product-server'],
};

let store: TemporaryDatabase;
let authority: Authority;
let app: App;
beforeAll(async () => {
  [store, authority] = await Promise.all([
    temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url))),
    startAuthority(),
  ]);
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      REDIS_URL: redisUrl(),
      AUTH_SERVICE_URL: authority.url,
    }),
  );
});
afterAll(async () => {
  await app.close();
  await authority.close();
  await store.drop();
});

const DocumentSchema = Type.Object({
  paths: Type.Record(
    Type.String(),
    Type.Record(
      Type.String(),
      Type.Object({ operationId: Type.String(), security: Type.Optional(Type.Array(Type.Unknown())) }),
    ),
  ),
});
type Operation = Static<typeof DocumentSchema>['paths'][string][string];

async function operations(): Promise<(Operation & { method: string; path: string })[]> {
  const { paths } = Value.Parse(DocumentSchema, (await app.inject('/docs/json')).json());
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api') || path.startsWith('/internal'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    );
}

async function tokenOf(caller: Caller): Promise<string | undefined> {
  const facts = CALLERS[caller];
  if (!facts) return undefined;
  if (!('aud' in facts)) return authority.token(facts.role);
  return authority.token(facts.role, facts.subject, { claims: { aud: facts.aud, sid: undefined } });
}

/** What is asked for is not there, or makes no sense: who is let in learns that, and nobody else anything. */
async function knock({ method, path }: { method: string; path: string }, caller: Caller) {
  const token = await tokenOf(caller);
  const response = await app.inject({
    method: method.toUpperCase() as 'GET',
    url: path.replaceAll(/\{\w+\}/g, randomUUID()),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(method !== 'get' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'get' && { payload: '{"nothing":"of this"}' }),
  });
  return response.statusCode;
}

describe('the table', () => {
  it('has a row for every operation that is not open to everybody, and for no other', async () => {
    const all = await operations();
    const closed = all.filter(({ security = [] }) => security.length > 0).map((it) => it.operationId);
    expect(closed.sort()).toEqual(Object.keys(TABLE).sort());
    expect(all.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(POLICY).sort());
    const open = all.filter(({ security = [] }) => security.length === 0).map((it) => it.operationId);
    expect(open).toEqual(['receivePaymentWebhook']);
  });
});

describe.each(Object.keys(CALLERS) as Caller[])('%s', (caller) => {
  it('is let in where the table says so, and nowhere else', async () => {
    for (const operation of await operations()) {
      const row = TABLE[operation.operationId];
      if (!row) continue;
      const status = await knock(operation, caller);
      const refused = caller === 'nobody' || caller === 'a server that means another one' ? 401 : 403;
      if (row.includes(caller)) expect([401, 403], operation.operationId).not.toContain(status);
      else expect(status, operation.operationId).toBe(refused);
    }
  });
});
