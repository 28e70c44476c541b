import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@doa-market/scripts/free-port';
import { ROOT } from '@doa-market/scripts/paths';
import { beforeAll, describe, expect, it } from 'vitest';
import { outcome, run } from './setup/run.ts';
import { ask, guestToken, stack } from './setup/shared.ts';

const SCRIPT = path.join(ROOT, 'warm-up.sh');
const SUMMARY = /^warm-up: (\d+) warmed, (\d+) failed in \d+\.\d s(?:: .+)?$/m;

let lock: string;

beforeAll(() => {
  lock = path.join(stack().data, 'warm-up.lock');
});

function warmUp(env: NodeJS.ProcessEnv = {}) {
  const { urls, secrets } = stack();
  return run(SCRIPT, [], { ...urls, ...secrets, WARMUP_LOCK: lock, ...env });
}

describe('warm-up.sh', () => {
  it('renews two cached APIs, two cached pages and one page for each of the eight categories', async () => {
    const { code, output } = await warmUp();
    expect(output).toMatch(SUMMARY);
    expect(output).toContain('12 warmed, 0 failed');
    expect(code).toBe(0);
  });

  it('leaves warm caches behind', async () => {
    await warmUp();
    const home = await ask('/api/home', await guestToken());
    expect(home.headers.get('x-cache-status')).toBe('HIT');
    const page = await fetch(`${stack().urls.PROXY_SERVER_URL}/categories/fashion`);
    await page.text();
    expect(page.headers.get('x-cache-status')).toBe('HIT');
  });

  it('renews what is fresh already', async () => {
    const token = await guestToken();
    await ask('/api/home', token);
    await expect
      .poll(async () => Number((await ask('/api/home', token)).headers.get('x-cache-age')), {
        timeout: 5_000,
      })
      .toBeGreaterThan(0);
    await warmUp();
    expect(Number((await ask('/api/home', token)).headers.get('x-cache-age'))).toBe(0);
  });

  it('fails, and says what it could not warm, when the gateway is away', async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const { code, output } = await warmUp({ KONG_GATEWAY_URL: away });
    expect(output).toContain(`no guest token from ${away}`);
    expect(output).toMatch(/, [1-9]\d* failed in/);
    expect(code).toBe(1);
  });

  it('fails when its token is not the one that the caches know', async () => {
    const { code, output } = await warmUp({ WARMUP_TOKEN: 'not-the-token-of-this-stack' });
    expect(output).toContain('was not renewed');
    expect(code).toBe(1);
  });

  it('takes over the lock of one that was killed', async () => {
    const gone = await run('sh', ['-c', 'echo $$'], {});
    writeFileSync(lock, `${gone.output.trim()} ${SCRIPT}\n`);
    expect((await warmUp()).output).toContain('12 warmed, 0 failed');
  });

  it('goes on for ever when asked to, and leaves no lock when it is told to end', async () => {
    const { urls, secrets } = stack();
    const env = { ...process.env, ...urls, ...secrets, WARMUP_LOCK: lock };
    const loop = spawn(SCRIPT, ['--loop', '1'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = outcome(loop);
    let rounds = 0;
    for await (const line of createInterface({ input: loop.stdout })) {
      if (SUMMARY.test(line)) rounds += 1;
      if (rounds === 2) loop.kill('SIGTERM');
    }
    expect(rounds).toBe(2);
    expect((await ended).code).toBe(143);
    expect(existsSync(lock)).toBe(false);
  });

  it('wants whole seconds between its rounds', async () => {
    const { code, output } = await run(SCRIPT, ['--loop', 'often'], {});
    expect(output.trim()).toBe('warm-up: not a number of seconds: often');
    expect(code).toBe(2);
  });
});
