import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@doa-market/common/config';
import { ROOT } from '@doa-market/scripts/paths';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  profiles?: string[];
  ports?: (string | { published: number | string })[];
}

const SECRETS: Record<string, string> = {
  AUTH_BASIC_KEY: 'web:a-secret-of-the-test',
  WARMUP_TOKEN: 'a-token-of-the-test',
  PURGE_TOKEN: 'another-token-of-the-test',
  REVALIDATE_TOKEN: 'one-more-token-of-the-test',
  REDIS_PASSWORD: 'redis-secret',
  POSTGRES_PASSWORD: 'postgres-secret',
  MEMBER_DB_PASSWORD: 'member-secret',
  PRODUCT_DB_PASSWORD: 'product-secret',
  QUEUE_DB_PASSWORD: 'queue-secret',
  JWT_KEYS_DIR: './keys',
  MAIL_URL: 'smtp://mail.example:587',
  REFRESH_TOKEN_SECRET: 'a-refresh-token-secret-of-the-test',
  MEMBER_SERVICE_SECRET: 'a-service-secret-of-the-test',
  BFF_SERVICE_SECRET: 'another-service-secret-of-the-test',
  PRODUCT_SERVICE_SECRET: 'another-service-secret-of-the-test',
  QUEUE_SERVICE_SECRET: 'one-more-service-secret-of-the-test',
  PERMIT_KEY: 'a-key-of-permits-to-pay-of-the-test',
  PAYMENT_API_SECRET: 'a-secret-of-the-payment-gateway',
  PAYMENT_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24, 3).toString('base64')}`,
  PAYMENT_STORE_ID: 'store-of-the-test',
  PAYMENT_CHANNEL_KEY: 'channel-of-the-test',
  PII_KEYS: `test:${Buffer.alloc(32, 1).toString('base64')}`,
  PII_INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
};
const SERVERS = [
  'proxy-server',
  'web',
  'gateway',
  'bff-server',
  'auth-server',
  'member-server',
  'product-server',
  'queue-server',
];
const STORES = ['postgres', 'redis'];
const MIGRATIONS = ['member-migrations', 'product-migrations', 'queue-migrations'];

/** In place of the .env of this checkout, which is not to matter here. */
const directory = mkdtempSync(path.join(tmpdir(), 'doa-compose-'));
const noSettings = path.join(directory, 'env');
writeFileSync(noSettings, '');
afterAll(() => rmSync(directory, { recursive: true }));

function config(env: Record<string, string>) {
  const args = ['--file', path.join(ROOT, 'docker-compose.yml'), '--env-file', noSettings, 'config'];
  const { PATH = '', HOME = '' } = process.env;
  const { status, stdout, stderr } = spawnSync('docker-compose', args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH, HOME, ...env },
  });
  return { status, stdout, stderr };
}

/** As docker-compose reads it, once: it takes its time. */
let document: { services?: Record<string, ComposeService> } | null = null;

/** The services that run with a profile, or without any. */
function services(profile?: string): Record<string, ComposeService> {
  if (!document) {
    const { stdout, stderr } = config(SECRETS);
    document = parse(stdout);
    if (!document?.services) throw new Error(stderr);
  }
  const wanted = Object.entries(document.services ?? {}).filter(
    ([, { profiles = [] }]) => profiles.length === 0 || profiles.includes(profile ?? ''),
  );
  return Object.fromEntries(wanted);
}

/** What can be reached from outside. */
function published(all: Record<string, ComposeService>): string[] {
  return Object.values(all).flatMap(({ ports = [] }) =>
    ports.map((port) =>
      typeof port === 'string' ? port.split(':').slice(0, -1).join(':') : `${port.published}`,
    ),
  );
}

describe('docker-compose.yml', () => {
  it('has every server, the stores and the migrations', () => {
    expect(Object.keys(services()).sort()).toEqual([...SERVERS, ...STORES, ...MIGRATIONS].sort());
  });

  it('publishes the storefront and the gateway, and nothing else', () => {
    expect(published(services()).sort()).toEqual(['8000', '9000']);
  });

  it('publishes the rest on the loopback interface for debugging', () => {
    const { debug } = services('debug');
    const inner = [3000, 3001, 3002, 3003, 4000, 5000, 5433, 6380, 8100].map((port) => `127.0.0.1:${port}`);
    expect(published(debug ? { debug } : {})).toEqual(inner);
  });

  it('wants every secret to be given', () => {
    const text = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
    const wanted = new Set([...text.matchAll(/\$\{(\w+):\?\}/g)].map(([, name = '']) => name));
    expect([...wanted].sort()).toEqual(Object.keys(SECRETS).sort());
  });

  it.each(['REDIS_PASSWORD', 'PAYMENT_API_SECRET'])('refuses to start without %s, and names it', (name) => {
    const { [name]: _, ...rest } = SECRETS;
    const { status, stderr } = config(rest);
    expect(stderr).toContain(name);
    expect(status).not.toBe(0);
  });

  it('starts nothing before what it needs is healthy, or done', () => {
    for (const [name, { depends_on = {} }] of Object.entries(services())) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const expected = MIGRATIONS.includes(needed) ? 'service_completed_successfully' : 'service_healthy';
        expect(condition, `${name} needs ${needed}`).toBe(expected);
      }
    }
  });

  it('runs every server in production', () => {
    const all = services();
    for (const name of SERVERS) expect(all[name]?.environment?.['NODE_ENV'], name).toBe('production');
  });

  it.each(['auth', 'member', 'product', 'queue', 'bff'])(
    'gives %s-server all that it asks for',
    async (name) => {
      const { ConfigSchema } = await import(path.join(ROOT, `${name}-server/src/config.ts`));
      const { environment = {} } = services()[`${name}-server`] ?? {};
      expect(() => loadConfig(ConfigSchema, environment)).not.toThrow();
    },
  );

  it('has a payment sandbox in the demonstration alone, which gets all that it asks for', async () => {
    const { ConfigSchema } = await import(path.join(ROOT, 'queue-server/sandbox-pg/src/config.ts'));
    expect(services()).not.toHaveProperty('sandbox-pg');
    const sandbox = services('demo')['sandbox-pg'];
    expect(published(sandbox ? { sandbox } : {})).toEqual(['127.0.0.1:3010']);
    expect(() => loadConfig(ConfigSchema, sandbox?.environment ?? {})).not.toThrow();
  });

  it('watches the health of everything that stays up', () => {
    for (const [name, service] of Object.entries(services())) {
      if (MIGRATIONS.includes(name)) continue;
      const dockerfile = service.build && path.join(ROOT, service.build.dockerfile);
      const own =
        dockerfile !== undefined &&
        existsSync(dockerfile) &&
        /^HEALTHCHECK/m.test(readFileSync(dockerfile, 'utf8'));
      expect(own || service.healthcheck !== undefined, name).toBe(true);
    }
  });
});

describe.each(SERVERS)('the image of %s', (name) => {
  const file = path.join(ROOT, name === 'gateway' ? 'kong' : name, 'Dockerfile');
  const text = () => readFileSync(file, 'utf8');

  it('runs as another account than root', () => {
    const user = [...text().matchAll(/^USER\s+(\S+)/gm)].at(-1)?.[1];
    expect(user).toBeDefined();
    expect(['root', '0']).not.toContain(user);
  });

  it('copies only what there is', () => {
    const sources = [...text().matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)].flatMap(([, list = '']) =>
      list.split(/\s+/),
    );
    expect(sources.filter((source) => !existsSync(path.join(ROOT, source)))).toEqual([]);
  });
});
