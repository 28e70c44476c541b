import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { migrate } from '@doa-market/scripts/migrate';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { asAuthServer } from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
const INIT = '20261121005810_init';
const MEMBERS = 250;

let first: string;
let store: TemporaryDatabase;
let client: pg.Client;

beforeAll(async () => {
  first = await mkdtemp(join(tmpdir(), 'doa-migrations-'));
  await cp(join(MIGRATIONS, INIT), join(first, INIT), { recursive: true });
  store = await temporaryDatabase(first);
  client = new pg.Client({ connectionString: store.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.drop();
  await rm(first, { recursive: true });
});

describe('a shop of before encryption', () => {
  let shop: Shop;

  it('is encrypted by the servers that start on it, and its members sign in as before', async () => {
    await client.query(
      `INSERT INTO members (email, name, role, password_hash, updated_at)
       SELECT 'member-' || n || '@doa.market', 'v1.이름', 'SELLER', '$argon2id$stored', '2026-01-01'
       FROM generate_series(1, $1::int) n`,
      [MEMBERS],
    );
    await migrate(store.url, MIGRATIONS);
    const config = loadConfig(ConfigSchema, { LOG_LEVEL: 'silent', DATABASE_URL: store.url });
    const apps = await Promise.all([buildApp(config), buildApp(config)]);
    await Promise.all(apps.map((app) => app.close()));

    const { rows } = await client.query('SELECT email, name, updated_at FROM members');
    expect(rows).toHaveLength(MEMBERS);
    for (const row of rows) {
      expect([row.email, row.name]).toEqual([
        expect.stringMatching(/^v1\.dev\./),
        expect.stringMatching(/^v1\.dev\./),
      ]);
      expect(row.updated_at).toEqual(new Date('2026-01-01T00:00:00.000Z'));
    }
    shop = await openShop({ DATABASE_URL: store.url });
    const internal = await asAuthServer(shop);
    expect((await internal.byEmail('member-7@doa.market')).body).toMatchObject({
      ...{ email: 'member-7@doa.market', name: 'v1.이름', role: 'SELLER' },
      ...{ passwordHash: '$argon2id$stored', emailVerified: true },
    });
    await shop.close();
  });

  it('takes nothing plain any more', async () => {
    const insert = `INSERT INTO members (email, name, updated_at) VALUES ('x@doa.market', 'x', now())`;
    await expect(client.query(insert)).rejects.toThrow(/members_encrypted_check/);
  });
});
