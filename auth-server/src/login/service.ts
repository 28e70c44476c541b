import type { AccessToken } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { TokenIssuer } from '../token/issuer.ts';
import type { CredentialsReader } from './credentials.ts';
import type { PasswordCheck } from './password.ts';
import type { LoginThrottle } from './throttle.ts';

interface LoginOptions {
  throttle: LoginThrottle;
  findCredentials: CredentialsReader;
  checkPassword: PasswordCheck;
  tokens: TokenIssuer;
  logger: Logger;
}

export function createLogin({ throttle, findCredentials, checkPassword, tokens, logger }: LoginOptions) {
  /** @throws {ProblemError} 401 with one answer for an unknown member and a wrong password; 429; 503. */
  return async function login(email: string, password: string): Promise<AccessToken> {
    await throttle.count(email);
    const credentials = await findCredentials(email);
    const matches = await checkPassword(password, credentials?.passwordHash ?? undefined);
    if (!credentials || !matches) {
      throw new ProblemError(401, 'AUTH_1004', 'The email or the password is wrong.', {
        headers: { 'WWW-Authenticate': 'Basic realm="doa-market", charset="UTF-8"' },
      });
    }
    // Forgetting is a courtesy: the login stands without it.
    throttle.forget(email).catch((error: unknown) => logger.warn({ err: error }, 'attempts not forgotten'));
    return tokens.forUser(credentials.memberId, credentials.role);
  };
}
export type Login = ReturnType<typeof createLogin>;
