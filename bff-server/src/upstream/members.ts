import { type Member, MemberSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';

/** member-server in the BFF's words; it decides by the caller's own token. */
export function createMembers(client: ServiceClient) {
  return {
    /** @throws {ProblemError} 404 for a token that has outlived its member. */
    async own(bearer: string | undefined): Promise<Member> {
      try {
        return await client.get('/api/members/me', MemberSchema, { bearer });
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 404) throw notFound('The member');
        throw error;
      }
    },
  };
}
export type Members = ReturnType<typeof createMembers>;
