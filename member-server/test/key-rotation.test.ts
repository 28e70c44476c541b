import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createPersonalData } from '../src/personal-data/index.ts';
import { rotate } from '../src/personal-data/rotation.ts';
import { type AuthServerCalls, asAuthServer, newEmail } from './support/registration.ts';
import { caller, openShop, type Shop } from './support/shop.ts';

const MEMBERS = 60;
/** Milliseconds that a process may take which starts on a busy machine, and does all but a little of its work. */
const PATIENCE = 30_000;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLD = `old:${randomBytes(32).toString('base64')}`;
const NEW = `new:${randomBytes(32).toString('base64')}`;

let shop: Shop;
let internal: AuthServerCalls;
const emails = new Map<string, string>();

beforeAll(async () => {
  shop = await openShop({ PII_KEYS: OLD });
  internal = await asAuthServer(shop);
  for (let at = 0; at < MEMBERS; at += 1) {
    const email = newEmail();
    const id = await internal.register({ email });
    emails.set(id, email);
    await internal.put(id, 'identities', { provider: 'kakao', subject: id });
    const person = { name: '홍길동', birthDate: '1987-06-05', phone: '01098765432' };
    await internal.put(id, 'certification', { ci: randomUUID(), di: randomUUID(), ...person });
  }
});
afterAll(() => shop.close());

const withKeys = (keys: string) => loadConfig(ConfigSchema, { ...shop.env, PII_KEYS: keys });
const membersWith = (key: string) =>
  shop.database.member.count({
    where: { email: { startsWith: `v1.${key}.` }, name: { startsWith: `v1.${key}.` } },
  });

async function readAll(url: string): Promise<void> {
  const call = caller(url);
  for (const [id, email] of emails) {
    const answer = await call('GET', '/api/members/me', { token: await shop.authority.token('MEMBER', id) });
    expect(answer).toMatchObject({
      status: 200,
      body: { email, certification: { birthDate: '1987-06-05' } },
    });
  }
}

async function serverWith(keys: string) {
  const app = await buildApp(withKeys(keys));
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}

const allBut = (rest: number, key: string) => async () => (await membersWith(key)) === emails.size - rest;

/** `npm run personal-data:rotate`, without npm between it and its signals. */
function startRotation(keys: string) {
  const args = ['--conditions=@doa-market/source', '--import', 'tsx', 'src/personal-data/main.ts'];
  const env = { ...process.env, ...shop.env, PII_KEYS: keys };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  return { child, exit: once(child, 'exit').finally(() => process.off('exit', orphaned)) };
}

describe('a new key', { timeout: 3 * PATIENCE }, () => {
  it('encrypts what is written from then on, and the old one still opens the rest', async () => {
    const server = await serverWith(`${NEW},${OLD}`);
    const [id = ''] = emails.keys();
    const token = await shop.authority.token('MEMBER', id);
    const change = { token, body: { name: '새이름' }, headers: { 'if-match': '*' } };
    expect((await caller(server.url)('PATCH', '/api/members/me', change)).status).toBe(200);
    const row = await shop.database.member.findUniqueOrThrow({ where: { id } });
    expect([row.name?.slice(0, 7), row.email?.slice(0, 7)]).toEqual(['v1.new.', 'v1.old.']);
    await readAll(server.url);
    await server.close();
  });

  it('replaces the old one in all rows, also when it was broken off in between', async () => {
    const [id = ''] = emails.keys();
    let broken: ReturnType<typeof startRotation> | undefined;
    await shop.database.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM members WHERE id = ${id}::uuid FOR UPDATE`;
        broken = startRotation(`${NEW},${OLD}`);
        await until(allBut(1, 'new'), 'the rest of the rotation', PATIENCE);
        broken.child.kill('SIGKILL');
        await broken.exit;
      },
      { timeout: 2 * PATIENCE },
    );
    expect(await membersWith('new')).toBe(emails.size - 1);
    // Not all rows have the new key, so nobody starts without the old one.
    await expect(buildApp(withKeys(NEW))).rejects.toThrow(/PII_KEYS lacks the key "old"/);

    const again = startRotation(`${NEW},${OLD}`);
    expect(await again.exit).toEqual([0, null]);
    expect(await membersWith('new')).toBe(emails.size);
    const server = await serverWith(NEW);
    await readAll(server.url);
    await server.close();
  });

  it('waits for the rows that somebody is changing', async () => {
    const third = `third:${randomBytes(32).toString('base64')}`;
    const config = withKeys(`${third},${NEW}`);
    const [id = ''] = emails.keys();
    let rotation: Promise<number> | undefined;
    await shop.database.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM members WHERE id = ${id}::uuid FOR UPDATE`;
        rotation = rotate(shop.database, createPersonalData(config));
        await until(allBut(1, 'third'), 'the rest of the rotation', PATIENCE);
      },
      { timeout: 2 * PATIENCE },
    );
    expect(await rotation).toBe(emails.size * 3);
    expect(await membersWith('third')).toBe(emails.size);
    const back = rotate(shop.database, createPersonalData(withKeys(`${NEW},${third}`)));
    expect(await back).toBe(emails.size * 3);
  });

  it('comes without anybody noticing: readers and writers go on, and no version changes', async () => {
    const newer = `newer:${randomBytes(32).toString('base64')}`;
    const config = withKeys(`${newer},${NEW}`);
    const server = await serverWith(`${newer},${NEW}`);
    const before = await shop.database.member.findMany({ orderBy: { id: 'asc' } });
    let rotating = true;
    const rotation = rotate(shop.database, createPersonalData(config)).finally(() => {
      rotating = false;
    });
    let rounds = 0;
    do {
      await readAll(server.url);
      rounds += 1;
    } while (rotating);
    expect(await rotation).toBeGreaterThanOrEqual(emails.size * 3);
    expect(rounds).toBeGreaterThan(0);
    expect(await membersWith('newer')).toBe(emails.size);
    const after = await shop.database.member.findMany({ orderBy: { id: 'asc' } });
    const unchanged = (rows: typeof before) =>
      rows.map(({ id, version, updatedAt }) => ({ id, version, updatedAt }));
    expect(unchanged(after)).toEqual(unchanged(before));
    expect(await rotate(shop.database, createPersonalData(config))).toBe(0);
    await server.close();
  });
});
