import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTokenVerifier, KEY_SET_MAX_AGE, remoteKeySet } from '@doa-market/common/auth';
import { redisUrl } from '@doa-market/scripts/testing';
import { decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotateKeys } from '../src/keys/rotation.ts';
import { type RunningApp, startApp } from './support/app.ts';
import { WEB } from './support/client.ts';
import { until } from './support/until.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Everybody who verifies has asked for the keys again by then. */
const SIGNING = KEY_SET_MAX_AGE + 60 * SECOND;
/** The last token of the key before has expired by then. */
const RETIRED = SIGNING + HOUR + 60 * SECOND;

let folder: string;
let path: string;
let app: RunningApp;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-keys-'));
  path = join(folder, 'keys.json');
  app = await startApp({ REDIS_URL: redisUrl(), JWT_KEYS_FILE: path, JWT_EXPIRES_IN: '3600' });
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const published = async (): Promise<string[]> => {
  const response = await app.send('GET', '/.well-known/jwks.json');
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};
const publishes = (count: number) => until(async () => (await published()).length === count);
async function newToken(): Promise<string> {
  const response = await app.send('POST', '/api/auth/guest', { authorization: WEB });
  return ((await response.json()) as { accessToken: string }).accessToken;
}
const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** Somebody who verifies, with the clock of the tests. */
function verifier() {
  const { getKey } = remoteKeySet(app.url, SECOND);
  const verify = createTokenVerifier({
    issuer: 'https://auth.doa.market',
    audience: ['doa-market'],
    keys: getKey,
    now: app.now,
  });
  return (token: string) => verify(token).then(({ role }) => role);
}
const introspected = async (token: string): Promise<unknown> => {
  const answer = await app.send('POST', '/api/auth/verify', { authorization: WEB, body: { token } });
  return ((await answer.json()) as { active: boolean }).active;
};

describe('a rotation', () => {
  it('never leaves a token without its key: signed before, between and after', async () => {
    const verify = verifier();
    const [first = ''] = await published();
    const before = await newToken();
    expect(await verify(before)).toBe('GUEST');

    const [, { kid: second } = { kid: '' }] = await rotateKeys(path, app.now());
    await publishes(2);
    expect(await published()).toEqual([first, second]);

    app.setAhead(SIGNING - 30 * SECOND);
    const between = await newToken();
    expect(kidOf(between)).toBe(first);

    app.setAhead(SIGNING + SECOND);
    const after = await newToken();
    expect(kidOf(after)).toBe(second);
    for (const token of [before, between, after]) {
      expect(await verifier()(token)).toBe('GUEST');
      expect(await introspected(token)).toBe(true);
    }

    // The last token that the first key has signed is good for an hour.
    app.setAhead(SIGNING + HOUR - 60 * SECOND);
    expect(await verifier()(between)).toBe('GUEST');
    app.setAhead(RETIRED + SECOND);
    expect(await published()).toEqual([second]);
    await expect(verifier()(between)).rejects.toMatchObject({ status: 401 });
    expect(await verifier()(await newToken())).toBe('GUEST');
  });

  it('is repeated when the one before is over, and drops the keys that are', async () => {
    await rotateKeys(path, app.now());
    app.setAhead(RETIRED + SECOND);
    const keys = await rotateKeys(path, app.now());
    expect(keys).toHaveLength(2);
    await until(async () => (await published()).includes(keys[1]?.kid ?? ''));
    expect(await published()).toEqual(keys.map(({ kid }) => kid));
  });

  it('is refused while a new key is still waiting to sign', async () => {
    await rotateKeys(path, app.now());
    await expect(rotateKeys(path, app.now())).rejects.toThrow(/still waiting to sign/);
    await publishes(2);
  });

  it('is done once when two run at the same time', async () => {
    const rotations = await Promise.allSettled([rotateKeys(path, app.now()), rotateKeys(path, app.now())]);
    expect(rotations.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await publishes(2);
  });

  it('leaves the file to its owner alone, and nothing beside it', async () => {
    await rotateKeys(path, app.now());
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  it('does not fail one request of a server that is busy', async () => {
    const statuses = new Set<number>();
    let running = true;
    const calls = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (running) {
          statuses.add((await app.send('POST', '/api/auth/guest', { authorization: WEB })).status);
        }
      }),
    );
    await rotateKeys(path, app.now());
    await publishes(2);
    app.setAhead(SIGNING + SECOND);
    const [, second] = await published();
    await until(async () => kidOf(await newToken()) === second);
    running = false;
    await calls;
    expect([...statuses]).toEqual([201]);
  });
});

describe('the key file of a running server', () => {
  it('is made once by servers that start at once', async () => {
    const environment = { REDIS_URL: redisUrl(), JWT_KEYS_FILE: join(folder, 'new', 'keys.json') };
    const apps = await Promise.all(Array.from({ length: 8 }, () => startApp(environment)));
    const sets = await Promise.all(
      apps.map(async (it) => (await it.send('GET', '/.well-known/jwks.json')).text()),
    );
    expect(new Set(sets).size).toBe(1);
    await Promise.all(apps.map((it) => it.close()));
  });

  it('may break or go: what was read goes on, until there is something better', async () => {
    const good = await readFile(path, 'utf8');
    const [kid] = await published();
    await writeFile(`${path}.broken`, '{"keys":');
    await rename(`${path}.broken`, path);
    const seen = performance.now() + 2_500;
    await until(async () => {
      expect(kidOf(await newToken())).toBe(kid);
      return performance.now() > seen;
    });
    await writeFile(path, good);
    await rotateKeys(path, app.now());
    await publishes(2);
  });
});

describe('the commands', () => {
  const run = (script: string, args: string[], env: Record<string, string> = {}) =>
    promisify(execFile)(
      process.execPath,
      [
        '--conditions=@doa-market/source',
        '--import',
        'tsx',
        fileURLToPath(new URL(`../src/keys/${script}.ts`, import.meta.url)),
        ...args,
      ],
      { env: { ...process.env, ...env } },
    );

  it('make a key file, keep it, and rotate it, relative to where the caller stands', async () => {
    const home = join(folder, 'elsewhere');
    await mkdir(home);
    const env = { INIT_CWD: home };
    const made = await run('generate', ['secrets/jwks.json'], env);
    const again = await run('generate', ['secrets/jwks.json'], env);
    expect(again.stdout).toBe(made.stdout);
    const rotated = await run('rotate', [], { ...env, JWT_KEYS_FILE: 'secrets/jwks.json' });
    expect(rotated.stdout).toMatch(/is published now and signs from \d{4}-\d\d-\d\dT/);
    const file = await readFile(join(home, 'secrets', 'jwks.json'), 'utf8');
    expect((JSON.parse(file) as { keys: object[] }).keys).toHaveLength(2);
  });

  it('say in one line why they cannot, and leave with 1', async () => {
    await expect(run('rotate', [join(folder, 'none.json')])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^the keys were not rotated: .*none\.json does not exist\n$/),
    });
  });
});
