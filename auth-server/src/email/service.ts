import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import { type Links, linkGone } from '../links/links.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';

interface Dependencies {
  members: Members;
  links: Links;
  mail: MailRequests;
  events: SecurityEvents;
}

export function createEmailProof({ members, links, mail, events }: Dependencies) {
  return {
    /** @throws {ProblemError} 410 unless the link is good, and the registration it was sent for is still the one. */
    async verify(token: string, device: Device): Promise<void> {
      const subject = await links.use(token);
      const proved = await members.proveEmail(subject.memberId, subject.passwordHash).catch(async (error) => {
        await links.restore(token, subject);
        throw error;
      });
      if (!proved) throw linkGone();
      await events.record(subject.memberId, 'EMAIL_VERIFIED', device);
    },
    resend: (email: string, device: Device): Promise<void> => mail.ask('verification', email, device),
  };
}
export type EmailProof = ReturnType<typeof createEmailProof>;
