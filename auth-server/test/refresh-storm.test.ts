import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionTokens } from '@doa-market/common/contracts';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedIn, tokensOf } from './support/client.ts';
import { startMembers } from './support/members.ts';
import { type RunningProcess, startProcess } from './support/process.ts';

const PROCESSES = 3;
const ROUNDS = 200;
const USES = 50;

let folder: string;
let members: Awaited<ReturnType<typeof startMembers>>;
let servers: RunningProcess[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-storm-'));
  members = await startMembers();
  const environment = {
    LOG_LEVEL: 'info',
    REDIS_URL: redisUrl(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
  };
  // All at once, and with no key file yet: they have to agree on their keys too.
  servers = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(environment)));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await members.close();
  await rm(folder, { recursive: true });
});

const serverAt = (index: number): RunningProcess => {
  const server = servers[index % PROCESSES];
  if (!server) throw new Error('there is no server');
  return server;
};

/** A busy machine may answer 503; nobody knows then whether the token was used, and it is used again. */
async function refreshed(server: RunningProcess, refreshToken: string): Promise<SessionTokens> {
  for (;;) {
    const response = await server.refresh(refreshToken);
    if (response.status !== 503) return tokensOf(response);
    await response.body?.cancel();
  }
}

describe('a refresh token that is used fifty times at once, in three processes', () => {
  it('has one successor, and the session lives on, two hundred times over', {
    timeout: 120_000,
  }, async () => {
    const { tokens } = await signedIn(serverAt(0));
    let { refreshToken } = tokens;
    for (let round = 0; round < ROUNDS; round += 1) {
      const uses = Array.from({ length: USES }, (_, use) => refreshed(serverAt(use), refreshToken));
      const successors = new Set((await Promise.all(uses)).map((it) => it.refreshToken));
      expect(successors.size).toBe(1);
      [refreshToken = ''] = successors;
    }
    const last = await refreshed(serverAt(1), refreshToken);
    expect(last.sessionId).toBe(tokens.sessionId);
    // Each of them takes what another has signed.
    const answers = await Promise.all(servers.map((server) => server.sessions(last)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
