import { randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@doa-market/common/config';
import { AGREEMENT_VERSIONS } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { createRedis } from '@doa-market/common/redis';
import { redisUrl } from '@doa-market/scripts/testing';
import { hash } from '@node-rs/argon2';
import { vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import type { ReceivedMail } from '../../src/mail/development-mailbox.ts';
import { startMemberServer } from './member-server.ts';

export const PASSWORD = '지나가던 고양이 열두 마리';
export const BASIC = `Basic ${Buffer.from('doa-web:doa-web-development-secret').toString('base64')}`;
export const AGREEMENTS = [
  { document: 'TERMS', version: AGREEMENT_VERSIONS.TERMS },
  { document: 'PRIVACY', version: AGREEMENT_VERSIONS.PRIVACY },
];

export const someEmail = () => `${randomUUID()}@doa.market`;
/** Throttles count by address, so each test comes from its own. */
export const someAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
const hashes = new Map<string, Promise<string>>();

/** What is kept of a password. It takes its time, so those who have the same one share it. */
export function argon2id(password: string): Promise<string> {
  const known = hashes.get(password) ?? hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  hashes.set(password, known);
  return known;
}

interface Options {
  env?: Record<string, string>;
  now?: () => number;
}

/** auth-server on a port of its own, with a member-server in memory and the development mailbox. */
export async function startAccounts({ env = {}, now }: Options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'doa-auth-'));
  const memberServer = await startMemberServer();
  const config = (overrides: Record<string, string> = {}) =>
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      REDIS_URL: redisUrl(),
      MEMBER_SERVICE_URL: memberServer.url,
      JWT_KEYS_FILE: join(folder, 'keys.json'),
      ...env,
      ...overrides,
    });
  const redis = createRedis(redisUrl(), {
    name: 'test',
    logger: createLogger({ name: 'test', level: 'silent' }),
  });
  await redis.connect();
  // Jobs of an earlier test file would be taken up, too.
  await redis.flushdb();

  const stops: (() => Promise<void>)[] = [];
  /** One more process of the same server, as it were. */
  async function start(overrides: Record<string, string> = {}) {
    const app = await buildApp(config(overrides), now ? { now } : {});
    const listener = createServer(app.koa.callback());
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    let running = true;
    const stop = async () => {
      if (!running) return;
      running = false;
      listener.close();
      listener.closeAllConnections();
      await app.close();
    };
    stops.push(stop);
    return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, stop };
  }
  const { url } = await start();

  function post(path: string, body?: unknown, headers: Record<string, string> = {}, base = url) {
    return fetch(`${base}${path}`, {
      method: 'POST',
      headers: {
        authorization: BASIC,
        'x-forwarded-for': someAddress(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
  async function mails(to: string, base = url): Promise<ReceivedMail[]> {
    const response = await fetch(`${base}/dev/mail?to=${encodeURIComponent(to)}`, {
      headers: { accept: 'application/json' },
    });
    return (await response.json()) as ReceivedMail[];
  }
  /** The newest mail of `count`. */
  async function mail(to: string, count = 1): Promise<ReceivedMail> {
    const all = await vi.waitUntil(
      async () => {
        const received = await mails(to);
        return received.length >= count && received;
      },
      { timeout: 8_000, interval: 20 },
    );
    const [newest] = all;
    if (!newest) throw new Error('no mail');
    return newest;
  }

  return {
    url,
    config,
    start,
    redis,
    memberServer,
    post,
    mails,
    mail,
    register: (email: string, overrides: object = {}, headers: Record<string, string> = {}) =>
      post(
        '/api/auth/register',
        { email, password: PASSWORD, name: '김도아', agreements: AGREEMENTS, ...overrides },
        headers,
      ),
    login: (email: string, password = PASSWORD, headers: Record<string, string> = {}) =>
      post('/api/auth/login', { email, password }, headers),
    /** A member who has proved the address. */
    async member(email = someEmail(), password = PASSWORD) {
      return memberServer.add({ email, passwordHash: await argon2id(password) });
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      await memberServer.close();
      redis.disconnect();
      await rm(folder, { recursive: true });
    },
  };
}
export type Accounts = Awaited<ReturnType<typeof startAccounts>>;

/** The token in the link of a mail. */
export function tokenIn({ text }: ReceivedMail): string {
  const token = /#token=([\w-]+)/.exec(text)?.[1];
  if (!token) throw new Error('the mail has no link');
  return token;
}

/** All that a stranger can compare: what varies from one answer to the next is left out. */
export async function visible(response: Response) {
  const headers = [...response.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  const text = await response.text();
  return { status: response.status, headers, body: text.replace(/"requestId":"[^"]+"/, '') };
}
