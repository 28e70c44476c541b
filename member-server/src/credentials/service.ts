import {
  type Certification,
  type Credentials,
  type ExternalIdentity,
  MemberIdSchema,
  type NewMember,
} from '@doa-market/common/contracts';
import { conflict, notFound } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import type { AgreementRepository } from '../agreements/repository.ts';
import type { CertificationRepository } from '../certification/repository.ts';
import { isUniqueViolation } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import type { Member } from '../member/presentation.ts';
import type { MemberRepository } from '../member/repository.ts';
import type { IdentityRepository } from './repository.ts';

interface Options {
  members: MemberRepository;
  agreements: AgreementRepository;
  identities: IdentityRepository;
  certifications: CertificationRepository;
  idempotency: Idempotency;
}

/** How often a registration gives way to another one of the same address at the same moment. */
const ATTEMPTS = 5;

/** What auth-server needs of members. A suspended member is as unknown here as nobody at all. */
export function createCredentialsService(options: Options) {
  const { members, agreements, identities, certifications, idempotency } = options;

  async function existing(id: string): Promise<Member> {
    const member = await members.findActive(id);
    if (!member) throw notFound('The member');
    return member;
  }

  /** For a change that did not happen, because the hash is not the expected one, or nobody is there. */
  async function refused(id: string): Promise<never> {
    await existing(id);
    throw conflict('The password is not the expected one any more.');
  }

  function register(facts: NewMember, write: NamedWrite | undefined) {
    const { agreements: agreed, identity, ...rest } = facts;
    return idempotency.once(write, MemberIdSchema, async (tx) => {
      await members.removeUnverified(facts.email, tx);
      const { id } = await members.create(rest, tx);
      await agreements.addAll(id, agreed, tx);
      if (identity) await identities.add(id, identity, tx);
      return { memberId: id };
    });
  }

  return {
    async byEmail(email: string): Promise<Credentials> {
      const member = await members.findByEmail(email);
      if (member?.status !== 'ACTIVE') throw notFound('The member');
      return toCredentials(member);
    },

    byId: async (id: string): Promise<Credentials> => toCredentials(await existing(id)),

    async byIdentity(identity: ExternalIdentity): Promise<Credentials> {
      const memberId = await identities.findMemberId(identity);
      if (!memberId) throw notFound('The member');
      return toCredentials(await existing(memberId));
    },

    /** The last of several registrations of an address that nobody has proved stays. */
    async create(facts: NewMember, write: NamedWrite | undefined): Promise<{ memberId: string }> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return (await register(facts, write)).result;
        } catch (error) {
          if (!isUniqueViolation(error)) throw error;
          if (facts.identity && (await identities.findMemberId(facts.identity))) throw alreadyLinked();
          const owner = await members.findByEmail(facts.email);
          if (owner?.emailVerified || attempt === ATTEMPTS) throw conflict('The address has a member.');
        }
      }
    },

    async changePassword(id: string, expected: string | null, passwordHash: string): Promise<void> {
      if (!(await members.changePassword(id, expected, passwordHash))) await refused(id);
    },

    async proveEmail(id: string, expected: string | null): Promise<void> {
      if (!(await members.proveEmail(id, expected))) await refused(id);
    },

    async link(id: string, identity: ExternalIdentity): Promise<void> {
      await existing(id);
      if ((await identities.findMemberId(identity)) === id) return;
      await identities.add(id, identity).catch((error: unknown) => {
        throw isUniqueViolation(error) ? alreadyLinked() : error;
      });
    },

    async certify(id: string, certification: Certification): Promise<void> {
      await existing(id);
      await certifications.save(id, certification).catch((error: unknown) => {
        throw isUniqueViolation(error) ? conflict('The person has another account.') : error;
      });
    },
  };
}
export type CredentialsService = ReturnType<typeof createCredentialsService>;

function toCredentials(member: Member): Credentials {
  const { id, email, name, role, passwordHash, emailVerified } = member;
  return { memberId: id, email, name, role, passwordHash, emailVerified };
}

const alreadyLinked = () => conflict('The identity is linked already.');
