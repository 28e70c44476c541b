import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokenSchema } from '@doa-market/common/contracts';
import { startAuthority } from '@doa-market/common/testing';
import { Value } from 'typebox/value';
import { compare } from './compare.ts';
import { startGateway } from './gateway-process.ts';
import { startStaticServer } from './static-server.ts';

/**
 * What the gateway's plugins cost, against a plain proxy pass in the same host. The gateway has one worker on one
 * core; the load, the static upstream and Redis have the other.
 *
 *   chain    every plugin of kong.yml.template on a token that has been verified before, nothing cached
 *   HIT      the same with simple-redis-cache answering, against a plain pass to a running bff-server
 *   flood    tokens that are all different and all bad, against good ones
 */

const BFF = process.env['BFF_SERVICE_URL'] ?? 'http://127.0.0.1:3001';
const AUTH = process.env['AUTH_SERVICE_URL'] ?? 'http://127.0.0.1:4000';
const BASIC = process.env['AUTH_BASIC_KEY'] ?? 'doa-web:doa-web-development-secret';
const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6380/15';

const PLAIN = `
_format_version: "3.0"
services:
  - name: upstream
    url: \${BFF_SERVICE_URL}
    routes:
      - name: everything
        paths: ["/"]
        strip_path: false
`;

const folder = mkdtempSync(join(tmpdir(), 'doa-bench-'));
const stops: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];

/** A token that the running bff-server believes too. */
async function guestToken(): Promise<string> {
  const authorization = `Basic ${Buffer.from(BASIC).toString('base64')}`;
  const response = await fetch(`${AUTH}/api/auth/guest`, { method: 'POST', headers: { authorization } });
  return Value.Parse(AccessTokenSchema, await response.json()).accessToken;
}

/** wrk's own Lua: every request carries another token whose signature is noise. Written before the clock runs. */
function badTokens(token: string): string {
  const path = join(folder, 'bad-tokens.lua');
  const [header, claims] = token.split('.');
  const signatures = Array.from({ length: 20_000 }, () => `"${randomBytes(64).toString('base64url')}"`);
  writeFileSync(
    path,
    `local signatures = { ${signatures.join(',')} }
local requests, next = {}, 0
init = function()
  for index, signature in ipairs(signatures) do
    wrk.headers["Authorization"] = "Bearer ${header}.${claims}." .. signature
    requests[index] = wrk.format("GET", nil)
  end
end
request = function()
  next = next % #requests + 1
  return requests[next]
end
`,
  );
  return path;
}

try {
  const authority = await startAuthority();
  stops.unshift(authority.close);
  const upstream = await startStaticServer(folder);
  stops.unshift(upstream.stop);

  const gateway = async (name: string, env: Record<string, string>, template?: string) => {
    const started = await startGateway(
      join(folder, name),
      { AUTH_SERVICE_URL: authority.url, REDIS_URL: REDIS, ...env },
      template,
    );
    stops.unshift(started.stop);
    return started.url;
  };
  const plain = await gateway('plain', { BFF_SERVICE_URL: upstream.url }, PLAIN);
  const plainToBff = await gateway('plain-bff', { BFF_SERVICE_URL: BFF }, PLAIN);
  const chain = await gateway('chain', { BFF_SERVICE_URL: upstream.url });
  const cached = await gateway('cached', { BFF_SERVICE_URL: BFF, AUTH_SERVICE_URL: AUTH });

  const token = await authority.token('MEMBER');
  const headers = { Authorization: `Bearer ${token}` };
  const guest = { Authorization: `Bearer ${await guestToken()}` };
  const products = '/api/products/mood-table-lamp';

  await compare('whole chain, verified token / plain pass', 0.6, [
    { name: 'chain', url: `${chain}${products}`, headers },
    { name: 'plain', url: `${plain}${products}`, headers },
  ]);
  await compare('cache HIT / plain pass to bff-server', 1.5, [
    { name: 'HIT', url: `${cached}/api/home`, headers: guest },
    { name: 'plain', url: `${plainToBff}/api/home`, headers: guest },
  ]);
  await compare('bad tokens / good tokens', 1, [
    { name: 'bad', url: `${chain}${products}`, script: badTokens(token), refused: true },
    { name: 'good', url: `${chain}${products}`, headers },
  ]);
} finally {
  for (const stop of stops) await stop();
}
