export * from './chance.ts';
export * from './until.ts';

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import { announceEnding, USER_AUDIENCE } from '../auth/index.ts';
import { createLogger } from '../logging/index.ts';
import { connectRedis, createRedis } from '../redis/index.ts';

/** For the tests of servers: an authority that issues tokens as auth-server does, to services over real HTTP. */

const ISSUER = 'https://auth.doa.market';

interface TokenOverrides {
  claims?: Record<string, unknown>;
  header?: Partial<JWTHeaderParameters>;
  key?: CryptoKey;
}

export async function startAuthority() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomUUID();
  const keys = [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }];
  let requests = 0;
  /** A valid token of `role`, but for what `overrides` says; an undefined claim is left out. */
  function token(
    role: string,
    subject: string = randomUUID(),
    overrides: TokenOverrides = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: ISSUER,
      aud: USER_AUDIENCE,
      sub: subject,
      sid: randomUUID(),
      jti: randomUUID(),
      role,
      iat: now,
      nbf: now,
      exp: now + 300,
      ...overrides.claims,
    };
    return new SignJWT(Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...overrides.header })
      .sign(overrides.key ?? privateKey);
  }

  async function answer(request: IncomingMessage): Promise<unknown> {
    if (request.url !== '/internal/service-tokens') return { keys };
    const { audience } = JSON.parse(await text(request));
    const basic = request.headers.authorization?.replace('Basic ', '') ?? '';
    const [name] = Buffer.from(basic, 'base64').toString().split(':');
    const claims = { aud: audience, sid: undefined };
    return { accessToken: await token('SERVICE', `service:${name}`, { claims }), expiresIn: 300 };
  }

  const server = createServer(async (request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(await answer(request)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    issuer: ISSUER,
    kid,
    publicKey,
    privateKey,
    keySetRequests: () => requests,
    token,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type Authority = Awaited<ReturnType<typeof startAuthority>>;

/** Ends a session as auth-server does. */
export async function endSession(redisUrl: string, sid: string): Promise<void> {
  const name = 'end-session';
  const redis = createRedis(redisUrl, { name, logger: createLogger({ name, level: 'silent' }) });
  await connectRedis(redis);
  await announceEnding(redis, sid);
  await redis.set(`revoked:sid:${sid}`, 1, 'EX', 60);
  redis.disconnect();
}
