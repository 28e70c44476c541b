import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, guestToken, stack, startServer, stopServer } from './setup/shared.ts';

interface Readiness {
  status: string;
  checks: Record<string, { status: string }>;
}

const ADDRESSES = {
  'auth-server': 'AUTH_SERVICE_URL',
  'member-server': 'MEMBER_SERVICE_URL',
  'product-server': 'PRODUCT_SERVICE_URL',
  'queue-server': 'QUEUE_SERVICE_URL',
  'bff-server': 'BFF_SERVICE_URL',
  web: 'NEXT_SERVER',
  'proxy-server': 'PROXY_SERVER_URL',
} as const;
type Server = keyof typeof ADDRESSES;

const DEPENDENTS: Record<string, Server[]> = {
  postgres: ['member-server', 'product-server', 'queue-server'],
  redis: ['auth-server'],
  'member-server': ['auth-server', 'bff-server'],
  'product-server': ['bff-server'],
  'queue-server': ['product-server'],
  gateway: ['web', 'proxy-server'],
  web: ['proxy-server'],
};

const address = (server: Server): string => stack().urls[ADDRESSES[server]];

async function health(server: Server): Promise<number> {
  return (await fetch(`${address(server)}/health`)).status;
}

async function readiness(server: Server): Promise<Readiness> {
  return (await fetch(`${address(server)}/ready`)).json();
}

/** Asks again until the answer is the wanted one, or shows the last one that was not. */
async function eventually<T>(read: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const value = await read();
    if (accept(value) || Date.now() > deadline) return value;
    await delay(100);
  }
}

let stopped: string | undefined;

afterEach(async () => {
  if (stopped) await startServer(stopped);
  stopped = undefined;
});

describe.each([
  'postgres',
  'redis',
  'member-server',
  'product-server',
  'queue-server',
  'bff-server',
  'auth-server',
  'web',
  'gateway',
])('without %s', (victim) => {
  it('every other server stays up, those that need it name it, and all recover', async () => {
    await stopServer(victim);
    stopped = victim;
    const others = (Object.keys(ADDRESSES) as Server[]).filter((name) => name !== victim);
    expect(await Promise.all(others.map(health))).toEqual(others.map(() => 200));
    for (const dependent of DEPENDENTS[victim] ?? []) {
      const { checks } = await eventually(
        () => readiness(dependent),
        ({ checks }) => checks[victim]?.status === 'down',
      );
      expect(checks, `${dependent} names ${victim}`).toMatchObject({ [victim]: { status: 'down' } });
    }
    await startServer(victim);
    stopped = undefined;
    for (const name of Object.keys(ADDRESSES) as Server[]) {
      const { status } = await eventually(
        () => readiness(name),
        (it) => it.status === 'ready',
      );
      expect(status, `${name} recovers`).toBe('ready');
    }
  });
});

describe('without product-server', () => {
  it('the home page still answers, and is not cached as a whole one', async () => {
    const token = await guestToken();
    await stopServer('product-server');
    stopped = 'product-server';
    const response = await fetch(`${address('bff-server')}/api/home`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toMatch('no-store');
    const home: Record<string, { status: string }> = await response.json();
    expect(Object.values(home).some(({ status }) => status === 'degraded')).toBe(true);
  });

  it('is forgotten as soon as it is back', async () => {
    const token = await guestToken();
    const home = await eventually(
      async () => (await ask('/api/home', token)).json() as Promise<Record<string, { status: string }>>,
      (it) => Object.values(it).every(({ status }) => status === 'ok'),
    );
    expect(Object.values(home).every(({ status }) => status === 'ok')).toBe(true);
  });
});
