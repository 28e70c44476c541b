import { type Credentials, CredentialsSchema, type ExternalIdentity } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import type { TokenIssuer } from '../token/issuer.ts';

/** Whose an identity at a provider is, is member-server's to know. */
export function createIdentities(memberServer: ServiceClient, tokens: TokenIssuer) {
  const caller = async () => ({ bearer: await tokens.forService(memberServer.name) });

  return {
    /** The subject is in the body, so that it is in no access log. @throws {ProblemError} 503 */
    async find(identity: ExternalIdentity): Promise<Credentials | undefined> {
      try {
        return await memberServer.post('/internal/identities', CredentialsSchema, identity, await caller());
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 404) return undefined;
        throw unavailable(error);
      }
    },
    /** False when it is another member's, or the member has another one at this provider. @throws {ProblemError} 503 */
    async link(memberId: string, identity: ExternalIdentity): Promise<boolean> {
      try {
        await memberServer.put(`/internal/members/${memberId}/identities`, identity, await caller());
        return true;
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 409) return false;
        throw unavailable(error);
      }
    },
  };
}
export type Identities = ReturnType<typeof createIdentities>;
