import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { type ManagedProduct, ManagedProductSchema } from '@doa-market/common/contracts';
import { startAuthority, until } from '@doa-market/common/testing';
import { redisUrl, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createFixtures } from '../fixtures.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: unknown;
  text: string;
}

export interface Call {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** product-server with a database, a folder of images and tokens of its own. Nobody listens, so no event leaves. */
export async function openCatalogue(environment: Record<string, string> = {}) {
  const [store, authority, images] = await Promise.all([
    temporaryDatabase(MIGRATIONS),
    startAuthority(),
    mkdtemp(join(tmpdir(), 'doa-images-')),
  ]);
  const config = loadConfig(ConfigSchema, {
    ...{ LOG_LEVEL: 'silent', DATABASE_URL: store.url, AUTH_SERVICE_URL: authority.url },
    ...{ REDIS_URL: redisUrl(), IMAGE_DIR: images, ...environment },
  });
  const fixtures = createFixtures(store.url);
  const app = await buildApp(config);
  // A first connection may take longer than a server would wait, while other test files start.
  await until(() => fixtures.database.$queryRaw`SELECT 1`, 'a connection to the database');

  async function call(method: Method, url: string, { token, body, headers }: Call = {}): Promise<Answer> {
    const response = await app.inject({
      ...{ method, url },
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    const { statusCode: status, payload: text } = response;
    const isJson = String(response.headers['content-type']).includes('json');
    return { status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  return {
    config,
    database: fixtures.database,
    fixtures,
    authority,
    app,
    images,
    call,
    /** Asks again while the server is too busy to begin, as a client does that heeds Retry-After. */
    async insist(method: Method, url: string, options: Call): Promise<Answer> {
      for (;;) {
        const answer = await call(method, url, options);
        if (answer.status !== 503) return answer;
      }
    },
    /** The events that were recorded since the last look, in their order. */
    async events() {
      const rows = await fixtures.database.outboxEvent.findMany({ orderBy: { id: 'asc' } });
      await fixtures.database.outboxEvent.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
      return rows;
    },
    async close() {
      await app.close();
      await fixtures.close();
      await authority.close();
      await store.drop();
      await rm(images, { recursive: true });
    },
  };
}
export type Catalogue = Awaited<ReturnType<typeof openCatalogue>>;

export const productIn = ({ body }: Answer): ManagedProduct => Value.Parse(ManagedProductSchema, body);

/** The ETag of an answer, as a change has to name it. */
export const matching = ({ headers }: Answer): Record<string, string> => ({
  'if-match': String(headers['etag']),
});
