import { expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { spawnProxy, startProxy } from '../support/proxy.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  NEXT_SERVER: 'http://web:3000',
  KONG_GATEWAY_URL: 'http://kong:8000',
  PROXY_SERVER_URL: 'https://shop.example',
};
const STANDARD = {
  WARMUP_TOKEN: 'doa-warm-up-development-token',
  AUTH_BASIC_KEY: 'doa-web:doa-web-development-secret',
  PURGE_TOKEN: 'doa-purge-development-token',
};

test('everything that is wrong with the environment is named at once', async () => {
  const { exited, output } = spawnProxy({
    NODE_ENV: 'production',
    PORT: 'many',
    NEXT_SERVER: 'not a url',
    CACHE_MAX_BYTES: '-1',
  });
  expect(await exited).toBe(1);
  for (const name of [
    'PORT',
    'NEXT_SERVER',
    'CACHE_MAX_BYTES',
    'KONG_GATEWAY_URL',
    'PROXY_SERVER_URL',
    'WARMUP_TOKEN',
    'AUTH_BASIC_KEY',
    'PURGE_TOKEN',
  ]) {
    expect(output.err).toContain(name);
  }
});

test('production does not start without credentials of its own', async () => {
  const missing = spawnProxy(PRODUCTION);
  const standard = spawnProxy({ ...PRODUCTION, ...STANDARD });
  expect([await missing.exited, await standard.exited]).toEqual([1, 1]);
  for (const [name, value] of Object.entries(STANDARD)) {
    expect(missing.output.err).toContain(name);
    expect(standard.output.err).toContain(name);
    expect(standard.output.err).not.toContain(value);
  }
});

test('production answers for the names it was given, and not for localhost', async () => {
  const web = await startOrigin((_request, response) => void response.end('ok'));
  const proxy = await startProxy(
    { web },
    {
      NODE_ENV: 'production',
      PROXY_SERVER_URL: 'https://shop.example',
      WARMUP_TOKEN: 'one-of-our-very-own',
      AUTH_BASIC_KEY: 'doa-web:one-of-our-very-own',
      PURGE_TOKEN: 'one-more-of-our-very-own',
    },
  );
  const statusFor = async (host: string) => (await proxy.ask('/cart', { headers: { Host: host } })).status;
  expect(await statusFor('shop.example')).toBe(200);
  expect(await statusFor('shop.example:443')).toBe(200);
  expect(await statusFor(`localhost:${proxy.port}`)).toBe(421);
});

test('alone in front of another origin it needs to know that origin, and nothing else', async () => {
  const lost = spawnProxy({ CACHE_POLICY: 'standard', NODE_ENV: 'production' });
  expect(await lost.exited).toBe(1);
  expect(lost.output.err).toContain('UPSTREAM');
  expect(lost.output.err).not.toContain('WARMUP_TOKEN');
  const origin = await startOrigin((_request, response) => void response.end('theirs'));
  const env = {
    CACHE_POLICY: 'standard',
    UPSTREAM: origin.url,
    NODE_ENV: 'production',
    WARMUP_TOKEN: undefined,
  };
  const proxy = await startProxy({}, env);
  expect((await proxy.ask('/ready')).text).toBe('theirs');
});
