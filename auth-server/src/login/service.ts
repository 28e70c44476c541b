import type { Credentials, SessionTokens } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { BotCheck } from '../bot-check/bot-check.ts';
import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';
import type { Hashing } from '../password/hashing.ts';
import type { Sessions } from '../session/service.ts';
import type { LoginThrottle } from './throttle.ts';
import { wrongCredentials } from './wrong-credentials.ts';

interface Dependencies {
  throttle: LoginThrottle;
  botCheck: BotCheck;
  members: Members;
  hashing: Hashing;
  sessions: Sessions;
  mail: MailRequests;
  events: SecurityEvents;
  logger: Logger;
}

interface LoginAttempt {
  email: string;
  password: string;
  botToken?: string | undefined;
  client: string;
  device: Device;
}

export function createLogin(dependencies: Dependencies) {
  const { throttle, botCheck, members, hashing, sessions, mail, events, logger } = dependencies;

  const inBackground = (what: string, work: Promise<unknown>) =>
    void work.catch((error: unknown) => logger.warn({ err: error }, what));

  async function check({ email, password, botToken, device }: LoginAttempt) {
    await botCheck(botToken, { action: 'login', address: device.address });
    const member = await members.findByEmail(email);
    return { member, matches: await hashing.verify(password, member?.passwordHash) };
  }

  /** What only the owner is told of, and nobody waits for: it would show in the time of the answer. */
  function refuse(member: Credentials | undefined, matches: boolean, { email, device }: LoginAttempt) {
    if (member && !matches) void events.record(member.memberId, 'LOGIN_FAILED', device);
    if (member && matches) inBackground('mail not asked for', mail.add('verification', email));
    return wrongCredentials();
  }

  async function upgrade(member: Credentials, password: string): Promise<void> {
    const { memberId, passwordHash: expected } = member;
    if (expected === null || !hashing.isOutdated(password, expected)) return;
    await members.changePassword(memberId, { passwordHash: await hashing.hash(password), expected });
  }

  /**
   * @throws {ProblemError} 401 with one answer for an unknown member, a wrong password, one that has none and an address
   *   that is not proved; 403 from the bot check; 429; 503
   */
  return async function login(attempt: LoginAttempt): Promise<SessionTokens> {
    const { email, password, client, device } = attempt;
    const mark = await sessions.mark();
    const counted = await throttle.attempt(email, device.address);
    const { member, matches } = await check(attempt).catch((error: unknown) => {
      counted.undecided();
      throw error;
    });
    if (!member || !matches || !member.emailVerified) throw refuse(member, matches, attempt);
    const tokens = await sessions.start(member, client, device, mark).catch((error: unknown) => {
      // All sessions were ended while the password was looked at: it may be one of the past.
      throw error instanceof ProblemError && error.code === 'AUTH_1005' ? wrongCredentials() : error;
    });
    counted.succeeded();
    inBackground('hash not upgraded', upgrade(member, password));
    void events.record(member.memberId, 'LOGIN', device);
    return tokens;
  };
}
export type Login = ReturnType<typeof createLogin>;
