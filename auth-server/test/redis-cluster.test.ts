import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@doa-market/scripts/free-port';
import { endedWithParent } from '@doa-market/scripts/parent-death';
import { redisCommand } from '@doa-market/scripts/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { bearerOf, signedIn, WEB } from './support/client.ts';
import { startMembers } from './support/members.ts';
import { until } from './support/until.ts';

let folder: string;
let stop: () => Promise<void>;
let members: Awaited<ReturnType<typeof startMembers>>;
let app: RunningApp;

/** A cluster of one node: it has every key, and still refuses a script whose keys are in two slots. */
async function startCluster(): Promise<string> {
  const port = await freePort();
  const plain = redisCommand({ dataDir: join(folder, 'redis'), port, durable: false });
  // A cluster has one database.
  const args = [...plain.args, '--databases', '1', '--cluster-enabled', 'yes'];
  const commandLine = endedWithParent({ ...plain, args }, 'SIGTERM');
  const node = spawn(commandLine.command, commandLine.args, { stdio: 'ignore' });
  const exited = once(node, 'exit');
  stop = async () => {
    node.kill();
    await exited;
  };
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
  await until(async () => (await redis.cluster('INFO')).includes('cluster_state:ok'));
  redis.disconnect();
  return url;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-cluster-'));
  members = await startMembers();
  app = await startApp({
    REDIS_URL: await startCluster(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
  });
});
afterAll(async () => {
  await app.close();
  await members.close();
  await stop();
  await rm(folder, { recursive: true });
});

describe('in a Redis cluster', () => {
  it('every step of a session stays in one slot', async () => {
    const { member, tokens } = await signedIn(app);
    const next = await app.refreshed(tokens.refreshToken);
    expect((await app.sessions(next)).status).toBe(200);

    const stolen = await app.login(member);
    await app.refreshed(stolen.refreshToken);
    app.setAhead(20_000);
    expect((await app.refresh(stolen.refreshToken)).status).toBe(401);
    app.setAhead(0);

    const phone = await app.login(member);
    const authorization = bearerOf(next);
    const revoked = await app.send('DELETE', `/api/auth/sessions/${phone.sessionId}`, { authorization });
    expect(revoked.status).toBe(204);
    const { refreshToken } = await app.login(member);
    const logout = await app.send('POST', '/api/auth/logout', { authorization: WEB, body: { refreshToken } });
    expect(logout.status).toBe(204);
    const everywhere = await app.send('POST', '/api/auth/logout-all', { authorization });
    expect(everywhere.status).toBe(204);
    expect((await app.refresh(next.refreshToken)).status).toBe(401);
  });
});
