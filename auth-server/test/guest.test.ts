import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IdSchema } from '@doa-market/common/contracts';
import { redisUrl } from '@doa-market/scripts/testing';
import { decodeJwt } from 'jose';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { WEB } from './support/client.ts';

const VISITOR = 'qL7Yc0Xn2mB4vT9sKe1RwA';
let folder: string;
let one: RunningApp;
let other: RunningApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-guest-'));
  const environment = { REDIS_URL: redisUrl(), JWT_KEYS_FILE: join(folder, 'keys.json') };
  one = await startApp(environment);
  other = await startApp(environment);
});
afterAll(async () => {
  await one.close();
  await other.close();
  await rm(folder, { recursive: true });
});

const ask = (app: RunningApp, body?: object) =>
  app.send('POST', '/api/auth/guest', { authorization: WEB, ...(body && { body }) });

async function guestOf(app: RunningApp, body?: object) {
  const response = await ask(app, body);
  expect(response.status).toBe(201);
  return decodeJwt(((await response.json()) as { accessToken: string }).accessToken);
}

describe('a visitor', () => {
  it('with an id is the same guest in every process, and every time', async () => {
    const body = { visitorId: VISITOR };
    const subjects = [await guestOf(one, body), await guestOf(one, body), await guestOf(other, body)].map(
      ({ sub }) => sub,
    );
    expect(new Set(subjects).size).toBe(1);
    expect(Compile(IdSchema).Check(subjects[0])).toBe(true);
    expect(subjects[0]).not.toContain(VISITOR);
  });

  it('with another id is another guest', async () => {
    const [mine, theirs] = [
      await guestOf(one, { visitorId: VISITOR }),
      await guestOf(one, { visitorId: `${VISITOR}A` }),
    ];
    expect(mine.sub).not.toBe(theirs.sub);
  });

  it.each([undefined, {}])('without an id (%j) is a new guest every time', async (body) => {
    const [first, second] = [await guestOf(one, body), await guestOf(one, body)];
    expect(first.sub).not.toBe(second.sub);
    expect(first['role']).toBe('GUEST');
  });

  it.each([
    ['too short', { visitorId: 'A'.repeat(21) }],
    ['too long', { visitorId: 'A'.repeat(44) }],
    ['of other letters', { visitorId: '+'.repeat(22) }],
    ['a number', { visitorId: 1 }],
    ['null', { visitorId: null }],
    ['among unknown fields', { visitorId: VISITOR, role: 'ADMIN' }],
  ])('with an id that is %s is refused', async (_name, body) => {
    expect((await ask(one, body)).status).toBe(422);
  });

  it('is not made by a form', async () => {
    const headers = { authorization: WEB, 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`${one.url}/api/auth/guest`, { method: 'POST', headers, body: 'a=b' });
    expect(response.status).toBe(415);
  });
});
