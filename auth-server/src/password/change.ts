import type { SessionTokens } from '@doa-market/common/contracts';
import { conflict } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import type { SecurityEvents } from '../events/security-events.ts';
import type { SessionClaims } from '../http/bearer-access.ts';
import type { Device } from '../http/device.ts';
import { wrongCredentials } from '../login/wrong-credentials.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { Members } from '../member/client.ts';
import type { Sessions } from '../session/service.ts';
import { createThrottle, takeOrRefuse } from '../throttle/throttle.ts';
import type { Hashing } from './hashing.ts';
import { assertAcceptable } from './policy.ts';

/** Of one member: five, then one every 3 min. Whoever found an open browser must not guess on. */
const PER_MEMBER = { name: 'password:change', burst: 5, every: 180_000 };

interface Dependencies {
  redis: Redis;
  members: Members;
  hashing: Hashing;
  sessions: Sessions;
  outbox: Outbox;
  events: SecurityEvents;
  now: () => number;
}

interface Passwords {
  currentPassword: string;
  newPassword: string;
}

export function createPasswordChange(dependencies: Dependencies) {
  const { redis, members, hashing, sessions, outbox, events, now } = dependencies;
  const attempts = createThrottle({ redis, now, ...PER_MEMBER });

  /**
   * Ends every session, and starts one for who changed it.
   * @throws {ProblemError} 401 when the current password is wrong; 409 when it was changed meanwhile; 422; 429; 503
   */
  return async function changePassword(
    { currentPassword, newPassword }: Passwords,
    { sub, sid }: SessionClaims,
    device: Device,
  ): Promise<SessionTokens> {
    const member = await members.findById(sub);
    assertAcceptable('newPassword', newPassword, member?.email ?? '');
    await takeOrRefuse(attempts, sub);
    const matches = await hashing.verify(currentPassword, member?.passwordHash);
    if (!member || !matches) throw wrongCredentials();
    const passwordHash = await hashing.hash(newPassword);

    const client = await sessions.clientOf(sub, sid);
    // Also before: were this killed half way, nobody else would be left signed in with a password of the past.
    await sessions.endAll(sub, { except: sid });
    const expected = member.passwordHash;
    if (!(await members.changePassword(sub, { passwordHash, expected }))) throw passwordChangedMeanwhile();
    await sessions.endAll(sub);
    await outbox.add('password-changed', member.email);
    await attempts.clear(sub);
    await events.record(sub, 'PASSWORD_CHANGED', device);
    return sessions.start(member, client, device);
  };
}
export type PasswordChange = ReturnType<typeof createPasswordChange>;

const passwordChangedMeanwhile = () => conflict('The password has been changed meanwhile.');
