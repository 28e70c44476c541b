import type { SessionTokens } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import { BASIC_CHALLENGE } from '../http/basic-auth.ts';
import type { Device } from '../http/device.ts';
import type { Sessions } from '../session/service.ts';
import type { CredentialsReader } from './credentials.ts';
import type { PasswordCheck } from './password.ts';
import type { LoginThrottle } from './throttle.ts';

interface LoginOptions {
  throttle: LoginThrottle;
  findCredentials: CredentialsReader;
  checkPassword: PasswordCheck;
  sessions: Sessions;
  logger: Logger;
}

interface LoginAttempt {
  email: string;
  password: string;
  client: string;
  device: Device;
}

export function createLogin({ throttle, findCredentials, checkPassword, sessions, logger }: LoginOptions) {
  /** @throws {ProblemError} 401 with one answer for an unknown member and a wrong password; 429; 503. */
  return async function login({ email, password, client, device }: LoginAttempt): Promise<SessionTokens> {
    await throttle.count(email);
    const mark = await sessions.mark();
    const credentials = await findCredentials(email);
    const matches = await checkPassword(password, credentials?.passwordHash ?? undefined);
    if (!credentials || !matches) {
      throw new ProblemError(401, 'AUTH_1004', 'The email or the password is wrong.', {
        headers: { 'WWW-Authenticate': BASIC_CHALLENGE },
      });
    }
    // Forgetting is a courtesy: the login stands without it.
    throttle.forget(email).catch((error: unknown) => logger.warn({ err: error }, 'attempts not forgotten'));
    return sessions.start(credentials, client, device, mark);
  };
}
export type Login = ReturnType<typeof createLogin>;
