import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { startAuthority } from '@doa-market/common/testing';
import { redisUrl, temporaryDatabase } from '@doa-market/scripts/testing';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createDatabase } from '../../src/database.ts';
import { createMemberRepository } from '../../src/member/repository.ts';
import { createPersonalData } from '../../src/personal-data/index.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface Call {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** member-server on a port of its own, with a database, members and tokens. */
export async function openShop(environment: Record<string, string> = {}) {
  const [store, authority] = await Promise.all([temporaryDatabase(MIGRATIONS), startAuthority()]);
  const env = {
    LOG_LEVEL: 'silent',
    DATABASE_URL: store.url,
    AUTH_SERVICE_URL: authority.url,
    REDIS_URL: redisUrl(),
    PRODUCT_SERVICE_URL: 'http://127.0.0.1:1',
    ...environment,
  };
  const config = loadConfig(ConfigSchema, env);
  const database = createDatabase(config.DATABASE_URL);
  const members = createMemberRepository(database, createPersonalData(config));
  const app = await buildApp(config);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  let count = 0;

  return {
    env,
    config,
    members,
    url,
    authority,
    database,
    async member(): Promise<string> {
      count += 1;
      const facts = { email: `member-${count}@doa.market`, name: '김도아', passwordHash: null };
      return (await members.create({ ...facts, emailVerified: true })).id;
    },
    call: caller(url),
    async close() {
      await app.close();
      await database.$disconnect();
      await authority.close();
      await store.drop();
    },
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Requests to the server at `url`, each with the token it is given. */
export function caller(url: string) {
  return async (method: string, path: string, { token, body, headers }: Call = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, body: answer };
  };
}
