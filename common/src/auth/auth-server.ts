import { remoteKeySet } from './key-set.ts';
import { createTokenVerifier } from './token-verifier.ts';

interface AuthServerConfig {
  AUTH_SERVICE_URL: string;
  JWT_ISSUER: string;
  /** Milliseconds. */
  REQUEST_TIMEOUT: number;
}

/**
 * What a server that believes auth-server's tokens needs of it: the verifier, and the dependency for /ready. It is
 * not a required one: the keys are kept, so tokens go on being verified without it.
 */
export function trustAuthServer(config: AuthServerConfig, audience: string[]) {
  const keys = remoteKeySet(config.AUTH_SERVICE_URL, config.REQUEST_TIMEOUT);
  return {
    verifyToken: createTokenVerifier({ issuer: config.JWT_ISSUER, audience, keys: keys.getKey }),
    dependency: { name: 'auth-server', check: keys.check, required: false },
  };
}
