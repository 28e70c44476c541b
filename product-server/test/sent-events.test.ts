import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { SentEventListSchema } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';

const NOW = Date.now();

let store: TemporaryDatabase;
let authority: Authority;
let database: Database;
let app: App;
let token: string;

const serviceToken = (service: string) =>
  authority.token('SERVICE', `service:${service}`, { claims: { aud: 'product-server', sid: undefined } });

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  authority = await startAuthority();
  database = createDatabase(store.url);
  const env = { LOG_LEVEL: 'silent', AUTH_SERVICE_URL: authority.url, REDIS_URL: redisUrl() };
  app = await buildApp(loadConfig(ConfigSchema, { ...env, DATABASE_URL: store.url }));
  token = await serviceToken('bff-server');
});
afterAll(async () => {
  await app.close();
  await database.$disconnect();
  await authority.close();
  await store.drop();
});

/** Notes events as sent that many seconds ago. */
async function sent(...ages: number[]): Promise<string[]> {
  const rows = ages.map((age) => {
    const id = randomUUID();
    const event = {
      ...{ eventId: id, eventType: 'banner.changed', aggregateType: 'banner', aggregateId: randomUUID() },
      ...{ version: 2, correlationId: 'c', causationId: null, payload: { slug: 'autumn' } },
      occurredAt: new Date(NOW - 1_000 * age).toISOString(),
    };
    return { id, sentAt: new Date(NOW - 1_000 * age), event };
  });
  await database.sentEvent.createMany({ data: rows });
  return rows.map(({ id }) => id);
}

function ask(query: Record<string, string> = {}, authorization = `Bearer ${token}`) {
  const range = { from: new Date(NOW - 60_000).toISOString(), until: new Date(NOW).toISOString() };
  const url = `/internal/v1/sent-events?${new URLSearchParams({ ...range, ...query })}`;
  return app.inject({ url, headers: { authorization } });
}
async function read(query: Record<string, string> = {}) {
  const { data, next } = Value.Parse(SentEventListSchema, (await ask(query)).json());
  return { ids: data.map(({ eventId }) => eventId), next };
}

describe('what was sent', () => {
  it('is listed with what it was, from a moment until before another', async () => {
    const [, inside, edge] = await sent(90, 30, 60, 0);
    expect((await read()).ids.toSorted()).toEqual([inside, edge].toSorted());
    expect((await ask()).json()).toMatchObject({ data: [{ eventType: 'banner.changed' }, { version: 2 }] });
  });

  it('goes on where a page ended, and says when it was the last', async () => {
    await sent(...Array.from({ length: 700 }, () => 30));
    const first = await read();
    expect([first.ids.length, first.next]).toEqual([500, first.ids.at(-1)]);
    const second = await read({ after: first.next ?? '' });
    expect([second.ids.length, second.next]).toEqual([202, null]);
    expect(new Set([...first.ids, ...second.ids]).size).toBe(702);
  });

  it.each([
    ['nobody', () => Promise.resolve(''), 401],
    ['an administrator', () => authority.token('ADMIN'), 403],
    ['another server', () => serviceToken('member-server'), 403],
  ])('is not for %s', async (_, credential, status) => {
    const given = await credential();
    expect((await ask({}, given && `Bearer ${given}`)).statusCode).toBe(status);
  });

  it.each([{ from: 'yesterday' }, { until: '' }, { after: 'x' }])('is refused for %o', async (query) => {
    expect((await ask(query)).statusCode).toBe(422);
  });
});
