import type { Logger } from '../logging/index.ts';
import type { AnyRedis } from '../redis/index.ts';
import { remoteKeySet } from './key-set.ts';
import { createRevocationCheck } from './revocation.ts';
import { createTokenVerifier } from './token-verifier.ts';

interface AuthServerConfig {
  AUTH_SERVICE_URL: string;
  JWT_ISSUER: string;
  /** Milliseconds. */
  REQUEST_TIMEOUT: number;
}

interface TrustOptions {
  redis: AnyRedis;
  logger: Logger;
  /** How many verified tokens are remembered, where they come from more people than usual. */
  capacity?: number;
}

/**
 * What a server that believes auth-server's tokens needs of it: the verifier, and the dependency for /ready. It is
 * not a required one: the keys are kept, so tokens go on being verified without it. Nor is Redis, which says what
 * sessions were ended: without it a token is good until it expires.
 */
export function trustAuthServer(
  config: AuthServerConfig,
  audience: string[],
  { redis, logger, capacity }: TrustOptions,
) {
  const keys = remoteKeySet(config.AUTH_SERVICE_URL, config.REQUEST_TIMEOUT);
  return {
    verifyToken: createTokenVerifier({
      issuer: config.JWT_ISSUER,
      audience,
      keys: keys.getKey,
      isRevoked: createRevocationCheck({ redis, logger }),
      ...(capacity !== undefined && { capacity }),
    }),
    dependency: { name: 'auth-server', check: keys.check, required: false },
  };
}
