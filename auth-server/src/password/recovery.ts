import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import { type Links, linkGone } from '../links/links.ts';
import type { LoginThrottle } from '../login/throttle.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';
import type { Sessions } from '../session/service.ts';
import type { Hashing } from './hashing.ts';
import { assertAcceptable } from './policy.ts';

interface Dependencies {
  members: Members;
  hashing: Hashing;
  links: Links;
  sessions: Sessions;
  throttle: LoginThrottle;
  mail: MailRequests;
  outbox: Outbox;
  events: SecurityEvents;
}

/** The way back for whoever lost a password, or whose account strangers keep locked. */
export function createPasswordRecovery(dependencies: Dependencies) {
  const { members, hashing, links, sessions, throttle, mail, outbox, events } = dependencies;

  return {
    forgot: (email: string, device: Device): Promise<void> => mail.ask('password-reset', email, device),

    /** @throws {ProblemError} 410 unless the link is good, and the password still the one of then; 422; 503 */
    async reset(token: string, newPassword: string, device: Device): Promise<void> {
      const subject = await links.read(token);
      const { memberId } = subject;
      const member = await members.findById(memberId);
      if (!member || member.passwordHash !== subject.passwordHash) throw linkGone();
      assertAcceptable('newPassword', newPassword, member.email);
      const passwordHash = await hashing.hash(newPassword);

      await links.use(token);
      try {
        // Also before: were this killed half way, nobody would be left signed in with a password of the past.
        await sessions.endAll(memberId);
        const change = { passwordHash, expected: subject.passwordHash };
        if (!(await members.changePassword(memberId, change))) throw linkGone();
      } catch (error) {
        await links.restore(token, subject);
        throw error;
      }
      await sessions.endAll(memberId);
      // Who reads the mail has proved the address as well.
      if (!member.emailVerified) await members.proveEmail(memberId, passwordHash);
      throttle.forgive(member.email, device.address);
      await outbox.add('password-changed', member.email);
      await events.record(memberId, 'PASSWORD_RESET', device);
    },
  };
}
export type PasswordRecovery = ReturnType<typeof createPasswordRecovery>;
