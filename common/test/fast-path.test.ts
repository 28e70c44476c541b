import { randomUUID } from 'node:crypto';
import { ANY_MEMBER, createTokenVerifier, remoteKeySet } from '@doa-market/common/auth';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { type App, createApp } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const PATH = '/api/things/7/state';

let authority: Authority;
let app: App;
let url: string;
/** Of whom it was asked in front of the framework, and in the route. */
const asked = { atOnce: [] as string[], inRoute: 0 };
let answer: ((id: string) => string | undefined) | undefined;

async function newApp(level = 'silent'): Promise<App> {
  const name = 'test-server';
  const made = await createApp({
    ...{ name, description: 'A server of the tests.' },
    // What it writes goes nowhere.
    logger: createLogger({ name, level }, { write: () => undefined }),
    metrics: createMetrics(name),
    verifyToken: createTokenVerifier({
      ...{ issuer: authority.issuer, audience: ['doa-market', name] },
      keys: remoteKeySet(authority.url, 1_000).getKey,
    }),
    dependencies: [],
  });
  made.get<{ Params: { id: string } }>(
    '/api/things/:id/state',
    { config: { access: ANY_MEMBER } },
    async ({ params }) => {
      asked.inRoute += 1;
      return { id: params.id, name: '의자' };
    },
  );
  made.addFastPath({
    url: '/api/things/:id/state',
    access: ANY_MEMBER,
    answer(id, callerId) {
      asked.atOnce.push(callerId);
      return answer?.(id);
    },
  });
  return made;
}

beforeAll(async () => {
  authority = await startAuthority();
  app = await newApp();
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(() => {
  asked.atOnce = [];
  asked.inRoute = 0;
  answer = (id) => JSON.stringify({ id, name: '의자' });
});
afterAll(async () => {
  await app.close();
  await authority.close();
});

/** A token that was verified before, unless it is to be a new one. */
async function visitor(role = 'MEMBER') {
  const id = randomUUID();
  const headers = { authorization: `Bearer ${await authority.token(role, id)}`, 'x-request-id': 'request-1' };
  return {
    id,
    ask: (path = PATH, more: Record<string, string> = {}, method = 'GET') =>
      fetch(url + path, { method, headers: { ...headers, ...more } }),
  };
}

async function knownVisitor(role?: string) {
  const made = await visitor(role);
  await made.ask('/api/things/7/state?first');
  asked.inRoute = 0;
  return made;
}

const ROUTE = { atOnce: 0, inRoute: 1 };
const counts = () => ({ atOnce: asked.atOnce.length, inRoute: asked.inRoute });

describe('a fast path', () => {
  it('answers with the same bytes as the route', async () => {
    const { id, ask } = await knownVisitor();
    const fast = await ask();
    expect(asked).toEqual({ atOnce: [id], inRoute: 0 });
    answer = undefined;
    const slow = await ask();
    expect(asked.inRoute).toBe(1);
    expect(fast.status).toBe(200);
    const fields = ({ headers }: Response) =>
      Object.fromEntries([...headers].filter(([name]) => name !== 'date'));
    expect(fields(fast)).toEqual(fields(slow));
    expect(fast.headers.get('x-request-id')).toBe('request-1');
    expect(fast.headers.get('cache-control')).toBe('private, no-store');
    expect(await fast.text()).toBe(await slow.text());
  });

  it('is counted like the route', async () => {
    const { ask } = await knownVisitor();
    const count = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(
        /_count\{method="GET",route="\/api\/things\/:id\/state",status="200"[^}]*\} (\d+)/.exec(text)?.[1],
      );
    };
    const before = await count();
    await ask();
    expect(asked.inRoute).toBe(0);
    expect(await count()).toBe(before + 1);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^http_requests_in_flight\{[^}]*\} 1$/m);
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['a query', `${PATH}?a=1`, {}, 'GET'],
    ['another method', PATH, {}, 'HEAD'],
    ['a deadline', PATH, { 'x-request-deadline': '1000' }, 'GET'],
  ])('leaves a request with %s to the route', async (_title, path, headers, method) => {
    const { ask } = await knownVisitor();
    expect((await ask(path, headers, method)).status).toBe(200);
    expect(counts()).toEqual(ROUTE);
  });

  it('leaves a deeper path alone', async () => {
    const { ask } = await knownVisitor();
    expect((await ask('/api/things/7/8/state')).status).toBe(404);
    expect(counts()).toEqual({ atOnce: 0, inRoute: 0 });
  });

  it('leaves a token that was not verified before to the route', async () => {
    const { ask } = await visitor();
    expect((await ask()).status).toBe(200);
    expect(counts()).toEqual(ROUTE);
  });

  it('refuses nobody by itself: who may not, and who has no token, hears it from the route', async () => {
    const guest = await knownVisitor('GUEST');
    expect((await guest.ask()).status).toBe(403);
    expect((await fetch(url + PATH)).status).toBe(401);
    expect((await fetch(url + PATH, { headers: { authorization: 'Bearer no.such.token' } })).status).toBe(
      401,
    );
    expect(counts()).toEqual({ atOnce: 0, inRoute: 0 });
  });

  it('that fails is as if it were not there', async () => {
    const { ask } = await knownVisitor();
    answer = () => {
      throw new Error('broken');
    };
    expect((await ask()).status).toBe(200);
    expect(asked.inRoute).toBe(1);
  });

  it('is not taken while lines for debugging are written, which every request is to have', async () => {
    const talkative = await newApp('debug');
    const here = await talkative.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${await authority.token('MEMBER', randomUUID())}` };
    for (const _time of [1, 2]) await fetch(here + PATH, { headers });
    expect(counts()).toEqual({ atOnce: 0, inRoute: 2 });
    await talkative.close();
  });
});
