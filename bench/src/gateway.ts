import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAuthority } from '@doa-market/common/testing';
import { cleaningUp } from './clean-up.ts';
import { compare } from './compare.ts';
import { startGateway } from './gateway-process.ts';
import { AUTH, BFF, guestToken } from './stack.ts';
import { startStaticServer } from './static-server.ts';

/**
 * What the gateway's plugins cost, against a plain proxy pass in the same host. The gateway has one worker on one
 * core; the load, the static upstream and Redis have the other.
 *
 *   chain    every plugin of kong.yml.template on a token that has been verified before, nothing cached
 *   HIT      the same with simple-redis-cache answering, against a plain pass to a running bff-server
 *   flood    tokens that are all different and all bad, against good ones
 */

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

/** wrk's own Lua: every request carries another token whose signature is noise. Written before the clock runs. */
function badTokens(folder: string, token: string): string {
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

await cleaningUp(async ({ folder, keep }) => {
  const authority = await startAuthority();
  keep({ stop: authority.close });
  const upstream = keep(await startStaticServer(folder));

  const gateway = async (name: string, env: Record<string, string>, template?: string) => {
    const started = await startGateway(
      join(folder, name),
      { AUTH_SERVICE_URL: authority.url, REDIS_URL: REDIS, ...env },
      { template },
    );
    return keep(started).url;
  };
  const plain = await gateway('plain', { BFF_SERVICE_URL: upstream.url }, PLAIN);
  const plainToBff = await gateway('plain-bff', { BFF_SERVICE_URL: BFF }, PLAIN);
  const chain = await gateway('chain', { BFF_SERVICE_URL: upstream.url });
  const cached = await gateway('cached', { BFF_SERVICE_URL: BFF, AUTH_SERVICE_URL: AUTH });

  const token = await authority.token('MEMBER');
  const headers = { Authorization: `Bearer ${token}` };
  const guest = { Authorization: `Bearer ${await guestToken()}` };
  const products = '/api/products/mood-table-lamp';

  await compare(
    'whole chain, verified token / plain pass',
    { name: 'chain', url: `${chain}${products}`, headers },
    [{ name: 'plain', url: `${plain}${products}`, headers, bar: 0.6 }],
  );
  await compare(
    'cache HIT / plain pass to bff-server',
    { name: 'HIT', url: `${cached}/api/home`, headers: guest },
    [{ name: 'plain', url: `${plainToBff}/api/home`, headers: guest, bar: 1.5 }],
  );
  await compare(
    'bad tokens / good tokens',
    { name: 'bad', url: `${chain}${products}`, script: badTokens(folder, token), refused: true },
    [{ name: 'good', url: `${chain}${products}`, headers, bar: 1 }],
  );
});
