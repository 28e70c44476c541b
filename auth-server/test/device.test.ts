import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { someMember, startMembers } from './support/members.ts';

let folder: string;
let members: Awaited<ReturnType<typeof startMembers>>;
let behindGateways: RunningApp;
let inTheOpen: RunningApp;

const environment = (trustedGateways: string) => ({
  REDIS_URL: redisUrl(),
  MEMBER_SERVICE_URL: members.url,
  JWT_KEYS_FILE: join(folder, 'keys.json'),
  TRUSTED_GATEWAYS: trustedGateways,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-device-'));
  members = await startMembers();
  behindGateways = await startApp(environment('127.0.0.1, ::1, 10.0.0.0/8'));
  inTheOpen = await startApp(environment('192.0.2.1'));
});
afterAll(async () => {
  await behindGateways.close();
  await inTheOpen.close();
  await members.close();
  await rm(folder, { recursive: true });
});

/** What the member is shown of where a session began. */
async function shownFor(app: RunningApp, headers: Record<string, string>) {
  const tokens = await app.login(someMember(), headers);
  const { data } = (await (await app.sessions(tokens)).json()) as {
    data: { address: string; device: string }[];
  };
  return data[0];
}

describe('the address of a session', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0'],
    ['198.51.100.1, 203.0.113.77', '203.0.113.0'],
    ['203.0.113.77, 10.1.2.3, 127.0.0.1', '203.0.113.0'],
    ['203.0.113.77,10.1.2.3', '203.0.113.0'],
    ['::ffff:203.0.113.77', '203.0.113.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8:0:0::'],
    ['10.1.2.3', '10.1.2.0'],
    ['unknown', '127.0.0.0'],
    ['203.0.113.77:4711', '127.0.0.0'],
    ['203.0.113.77, evil', '127.0.0.0'],
    ['999.1.1.1', '127.0.0.0'],
    [',,,', '127.0.0.0'],
  ])('that our gateways forward as %j is shown as %s', async (forwarded, address) => {
    expect(await shownFor(behindGateways, { 'x-forwarded-for': forwarded })).toMatchObject({ address });
  });

  it('is the peer itself when the peer is none of our gateways', async () => {
    const shown = await shownFor(inTheOpen, { 'x-forwarded-for': '203.0.113.77' });
    expect(shown).toMatchObject({ address: '127.0.0.0' });
  });
});

describe('the device of a session', () => {
  it('is what it calls itself, as far as that is bounded', async () => {
    const shown = await shownFor(behindGateways, { 'user-agent': `Mozilla/5.0 ${'x'.repeat(4_000)}` });
    expect(shown?.device).toMatch(/^Mozilla\/5\.0 x+$/);
    expect(shown?.device).toHaveLength(256);
  });
});

describe('a gateway that is no address', () => {
  it.each(['gateway', '10.0.0.0/99', '10.0.0/8', '127.0.0.1;10.0.0.1'])(
    'stops the start: %s',
    async (gateway) => {
      await expect(startApp(environment(gateway))).rejects.toThrow();
    },
  );
});
