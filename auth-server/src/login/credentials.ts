import { type Credentials, CredentialsSchema } from '@doa-market/common/contracts';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import type { TokenIssuer } from '../token/issuer.ts';

/** Password hashes are with the member (one owner per fact); this server asks for one at a time. */
export function createCredentialsReader(memberServer: ServiceClient, tokens: TokenIssuer) {
  return async function findCredentials(email: string): Promise<Credentials | undefined> {
    const bearer = await tokens.forService(memberServer.name);
    try {
      return await memberServer.post('/internal/credentials', CredentialsSchema, { email }, { bearer });
    } catch (error) {
      if (error instanceof UpstreamError && error.status === 404) return undefined;
      throw error;
    }
  };
}
export type CredentialsReader = ReturnType<typeof createCredentialsReader>;
