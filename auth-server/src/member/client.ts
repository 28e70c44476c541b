import {
  type Credentials,
  CredentialsSchema,
  MemberIdSchema,
  type NewMember,
} from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import type { TokenIssuer } from '../token/issuer.ts';

/** Members and the hashes of their passwords are member-server's; this asks for one at a time. */
export function createMembers(memberServer: ServiceClient, tokens: TokenIssuer) {
  const bearer = () => tokens.forService(memberServer.name);

  /** The answer, or undefined for 404 and 409. @throws {ProblemError} 503: without member-server nothing is decided. */
  async function asked<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof UpstreamError && (error.status === 404 || error.status === 409)) return undefined;
      throw error instanceof UpstreamError ? unavailable(error) : error;
    }
  }
  async function put(path: string, body: object): Promise<boolean> {
    const options = { bearer: await bearer() };
    return (await asked(memberServer.put(path, body, options).then(() => true))) ?? false;
  }

  return {
    /** The address is in the body, so that it is in no access log. */
    findByEmail: async (email: string): Promise<Credentials | undefined> =>
      asked(
        memberServer.post('/internal/credentials', CredentialsSchema, { email }, { bearer: await bearer() }),
      ),
    findById: async (memberId: string): Promise<Credentials | undefined> =>
      asked(memberServer.get(`/internal/members/${memberId}`, CredentialsSchema, { bearer: await bearer() })),
    /** The new member's id, or undefined when the address has a member already. */
    async create(member: NewMember): Promise<string | undefined> {
      const options = { bearer: await bearer() };
      const created = await asked(memberServer.post('/internal/members', MemberIdSchema, member, options));
      return created?.memberId;
    },
    /** False when the hash is not `expected` any more, or the member has gone. */
    changePassword: (
      memberId: string,
      change: { passwordHash: string; expected: string | null },
    ): Promise<boolean> => put(`/internal/members/${memberId}/password`, change),
    /** False when the hash is not `expected` any more, or the member has gone. */
    proveEmail: (memberId: string, expected: string | null): Promise<boolean> =>
      put(`/internal/members/${memberId}/email-verified`, { expected }),
  };
}
export type Members = ReturnType<typeof createMembers>;
