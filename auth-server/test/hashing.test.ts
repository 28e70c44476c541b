import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHashing } from '../src/password/hashing.ts';
import { createLimiter } from '../src/password/limiter.ts';
import { type Accounts, PASSWORD, someEmail, startAccounts } from './support/accounts.ts';
import { startProcess } from './support/process.ts';

let accounts: Accounts;

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.close());

describe('logins at once', () => {
  // In a process of its own: what this one does to send a hundred requests is not measured.
  it('a hundred do not hold up the event loop', { retry: 3 }, async () => {
    const { REDIS_URL, MEMBER_SERVICE_URL, JWT_KEYS_FILE } = accounts.config();
    const server = await startProcess({ REDIS_URL, MEMBER_SERVICE_URL, JWT_KEYS_FILE, LOG_LEVEL: 'info' });
    const lag = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^nodejs_eventloop_lag_p99_seconds\{.*\} (.+)$/m.exec(metrics)?.[1]);
    };
    const send = () =>
      accounts.post('/api/auth/login', { email: someEmail(), password: PASSWORD }, {}, server.url);
    await send();
    // Reading starts a new measurement.
    await lag();
    const answers = await Promise.all(Array.from({ length: 100 }, send));
    const p99 = await lag();
    await server.stop();
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(401));
    expect(p99).toBeLessThan(0.05);
  });

  it('five hundred are answered within seconds, those that are too many with 503', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => accounts.login(someEmail())));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
  });
});

/** On a machine that does nothing else: `TIMING_SAMPLES=300`, and the medians are within a tenth of a hash's time. */
const PRECISE = process.env['TIMING_SAMPLES'];
const SAMPLES = Number(PRECISE ?? 40);

describe('the time of a refusal', () => {
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

  it('is the same for an unknown address, a wrong password and no password', {
    // A difference is there every time; what else the machine does is not.
    retry: 4,
    timeout: 120_000,
  }, async () => {
    const known = await accounts.member();
    const social = accounts.memberServer.add({ email: someEmail() });
    const emails = [() => someEmail(), () => known.email, () => social.email];
    const times: number[][] = [[], [], []];
    for (let sample = 0; sample < SAMPLES * emails.length; sample += 1) {
      // Each comes after each other one as often.
      const index = (sample + Math.floor(sample / emails.length)) % emails.length;
      const email = emails[index]?.() ?? '';
      const startedAt = performance.now();
      await accounts.login(email, 'wrong');
      times[index]?.push(performance.now() - startedAt);
      await forgetGuesses();
    }
    const hashing = await createHashing();
    const hashTimes: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const startedAt = performance.now();
      await hashing.verify('wrong', null);
      hashTimes.push(performance.now() - startedAt);
    }
    const medians = times.map(median);
    const spread = Math.max(...medians) - Math.min(...medians);
    const hash = median(hashTimes);
    expect(spread, JSON.stringify({ medians, hash })).toBeLessThan(hash / (PRECISE ? 10 : 2));
    if (PRECISE) console.log({ medians, hash });
  });

  async function forgetGuesses() {
    const keys = await accounts.redis.keys('throttle:*');
    if (keys.length > 0) await accounts.redis.del(...keys);
  }
});

describe('the limiter', () => {
  const never = () => new Promise<never>(() => undefined);

  it('lets a bounded number work and wait, and nobody wait for ever', async () => {
    const limit = createLimiter({ concurrency: 1, queue: 1, patience: 30 });
    void limit(never);
    const waits = limit(async () => 'never');
    await expect(limit(async () => 'too many')).rejects.toMatchObject({ status: 503 });
    await expect(waits).rejects.toMatchObject({ status: 503 });
  });

  it('passes the place on when work fails, in the order of arrival', async () => {
    const limit = createLimiter({ concurrency: 1, queue: 10, patience: 1_000 });
    const order: number[] = [];
    const works = [1, 2, 3].map((number) =>
      limit(async () => {
        order.push(number);
        if (number === 1) throw new Error('failed');
      }),
    );
    await expect(works[0]).rejects.toThrow('failed');
    await Promise.all(works.slice(1));
    expect(order).toEqual([1, 2, 3]);
    expect(await limit(async () => PASSWORD)).toBe(PASSWORD);
  });
});
