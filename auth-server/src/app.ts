import { createRevocationCheck, createTokenVerifier, USER_AUDIENCE } from '@doa-market/common/auth';
import { createServiceClient } from '@doa-market/common/http';
import { createReadiness } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { mountAccounts } from './accounts.ts';
import { mountCertification } from './certification/mount.ts';
import type { Config } from './config.ts';
import { eventRoutes } from './events/routes.ts';
import { createSecurityEvents } from './events/security-events.ts';
import { guestRoutes } from './guest/routes.ts';
import { createVisitors } from './guest/visitor.ts';
import { createClientCheck } from './http/basic-auth.ts';
import { createBearerAccess } from './http/bearer-access.ts';
import { createKoa } from './http/create-koa.ts';
import { createDeviceReader } from './http/device.ts';
import { createRouter } from './http/router.ts';
import { keyRoutes } from './keys/routes.ts';
import { loadSigningKeys } from './keys/signing-keys.ts';
import { developmentInbox } from './mail/development-inbox.ts';
import { createMembers } from './member/client.ts';
import { serviceTokenRoutes } from './services/routes.ts';
import { logoutRoutes } from './session/logout-routes.ts';
import { createRefreshTokens } from './session/refresh-token.ts';
import { sessionRoutes } from './session/routes.ts';
import { createSessions } from './session/service.ts';
import { createSessionStore } from './session/store.ts';
import { createEmailCodes } from './social/email-codes.ts';
import { mountSocial } from './social/mount.ts';
import { introspectionRoutes } from './token/introspection-routes.ts';
import { createTokenIssuer, LONGEST_ACCESS_TOKEN } from './token/issuer.ts';

export const SERVER_NAME = 'auth-server';

/** The whole server without its socket: tests build the same one, with a clock of their own. */
export async function buildApp(config: Config, { now = Date.now }: { now?: () => number } = {}) {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const deviceOf = createDeviceReader(config.TRUSTED_GATEWAYS);
  const create = config.NODE_ENV !== 'production';
  const keys = await loadSigningKeys(config.JWT_KEYS_FILE, { create, logger, now });
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const memberServer = createServiceClient({
    name: 'member-server',
    baseUrl: config.MEMBER_SERVICE_URL,
    timeout: config.REQUEST_TIMEOUT,
    metrics,
  });

  const { JWT_ISSUER: issuer, JWT_EXPIRES_IN: expiresIn, REFRESH_TOKEN_SECRET } = config;
  const tokens = createTokenIssuer({ issuer, expiresIn, keys, now });
  const user = { issuer, audience: [USER_AUDIENCE], keys: keys.getKey, now };
  const isRevoked = createRevocationCheck({ redis, logger });
  const verifyToken = createTokenVerifier({ ...user, isRevoked });
  const verifyCaller = createTokenVerifier({ ...user, audience: [USER_AUDIENCE, SERVER_NAME], isRevoked });
  const access = createBearerAccess(verifyCaller);
  const leaving = createBearerAccess(createTokenVerifier(user));
  const checkClient = createClientCheck([config.AUTH_BASIC_KEY, ...listOf(config.AUTH_CLIENTS)]);
  const checkService = createClientCheck(listOf(config.SERVICE_KEYS));
  const events = createSecurityEvents({ redis, logger, now });
  const members = createMembers(memberServer, tokens);
  const sessions = createSessions({
    store: createSessionStore({ redis, tokenLifetime: LONGEST_ACCESS_TOKEN * 1_000, now }),
    refreshTokens: createRefreshTokens(REFRESH_TOKEN_SECRET),
    tokens,
    record: events.record,
    now,
  });
  const router = createRouter(SERVER_NAME, 'Accounts, sessions and tokens, and the keys that verify them.');
  keyRoutes(router, keys);
  guestRoutes(router, { tokens, subjectOf: createVisitors(REFRESH_TOKEN_SECRET), checkClient });
  sessionRoutes(router, { sessions, checkClient, access, deviceOf });
  logoutRoutes(router, { sessions, checkClient, access, leaving, deviceOf });
  introspectionRoutes(router, { issuer, verifyToken, checkClient });
  serviceTokenRoutes(router, { tokens, checkService });
  eventRoutes(router, { events, access });
  const callers = { checkClient, access, deviceOf };
  const emailCodes = createEmailCodes({ redis, serverSecret: REFRESH_TOKEN_SECRET });
  const outside = { config, redis, logger, metrics, memberServer, tokens, members, sessions, events, now };
  const certification = await mountCertification(router, { ...outside, ...callers });
  const accounts = await mountAccounts(router, {
    config,
    redis,
    logger,
    members,
    sessions,
    events,
    emailCodes,
    now,
    ...callers,
  });
  mountSocial(router, { ...outside, ...callers, emailCodes, mail: accounts.mail });

  const readiness = createReadiness([redisDependency(redis), { ...memberServer, required: false }]);
  const koa = createKoa({ logger, metrics, readiness, router });
  if (accounts.mailbox) koa.use(developmentInbox(accounts.mailbox));
  return {
    koa,
    logger,
    readiness,
    async close(): Promise<void> {
      keys.close();
      await accounts.close();
      await certification.close();
      redis.disconnect();
      await memberServer.close();
    },
  };
}

const listOf = (text: string): string[] => text.split(',').filter(Boolean);
