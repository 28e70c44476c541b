import { invalidFields, ProblemError } from '@doa-market/common/errors';
import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import type { Members } from '../member/client.ts';
import { assertAgreements } from '../register/agreements.ts';
import type { Sessions } from '../session/service.ts';
import type { EmailCodes } from './email-codes.ts';
import { hasAccount, signInGone } from './failures.ts';
import type { Identities } from './identities.ts';
import type { RegistrationRecord, Registrations } from './registrations.ts';
import type { SignedIn, SocialRegistration } from './schemas.ts';

interface Dependencies {
  registrations: Registrations;
  identities: Identities;
  members: Members;
  sessions: Sessions;
  events: SecurityEvents;
  emailCodes: EmailCodes;
}

export function createSocialRegistration(dependencies: Dependencies) {
  const { registrations, identities, members, sessions, events, emailCodes } = dependencies;

  /** @throws {ProblemError} 503 */
  const isTheirs = async (email: string, code: string | undefined): Promise<boolean> =>
    code !== undefined && (await emailCodes.use(email, code));

  /** An attempt whose answer got lost has made the member already: then the identity is theirs. */
  async function makeMember(record: RegistrationRecord, name: string, { agreements }: SocialRegistration) {
    const { email, identity } = record;
    const facts = { email, name, passwordHash: null, emailVerified: true, agreements, identity };
    const memberId = (await members.create(facts)) ?? (await identities.find(identity))?.memberId;
    if (memberId === undefined) throw hasAccount();
    return memberId;
  }

  /**
   * Makes a member of somebody whom a provider vouched for, now that they agree.
   * @throws {ProblemError} 410; 409 when the address has a member by now; 422, 503, and then it can be
   *   done again
   */
  return async function register(
    registration: SocialRegistration,
    client: string,
    device: Device,
  ): Promise<SignedIn> {
    assertAgreements(registration.agreements);
    const { handle } = registration;
    const record = await registrations.take(handle);
    if (record?.client !== client) throw signInGone();
    const again = (change: Partial<RegistrationRecord>) =>
      registrations.store(handle, { ...record, ...change });
    const name = registration.name?.trim().normalize('NFC') ?? record.name;
    if (name === undefined) {
      await again({});
      throw invalidFields([{ field: 'name', message: 'is required, since the provider told none' }]);
    }
    if (!record.emailProved && !(await isTheirs(record.email, registration.emailCode))) {
      await again({});
      throw invalidFields([{ field: 'emailCode', message: 'must be the code that was sent by mail' }]);
    }

    const memberId = await makeMember(record, name, registration).catch(async (error: unknown) => {
      if (isOutage(error)) await again({ emailProved: true });
      throw error;
    });
    void events.record(memberId, 'REGISTERED', device);
    void events.record(memberId, 'SOCIAL_LINKED', device);
    const tokens = await sessions.start({ memberId, role: 'MEMBER' }, client, device);
    void events.record(memberId, 'LOGIN', device);
    return { status: 'SIGNED_IN', ...tokens, redirect: record.redirect };
  };
}
export type SocialRegistrar = ReturnType<typeof createSocialRegistration>;

const isOutage = (error: unknown): boolean => error instanceof ProblemError && error.status === 503;
