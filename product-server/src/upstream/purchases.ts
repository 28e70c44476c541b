import type { ServiceTokens } from '@doa-market/common/auth';
import { PurchaseSchema } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';

/** Seconds after which it is worth asking again. */
const RETRY_AFTER = 5;

/** queue-server in the words of product-server. */
export function createPurchases(queueServer: ServiceClient, serviceToken: ServiceTokens) {
  return {
    /** Whether the member has bought the product. @throws {ProblemError} 503 where nobody can tell: never a guess */
    async has(memberId: string, productId: string): Promise<boolean> {
      const query = new URLSearchParams({ memberId, productId });
      try {
        const bearer = await serviceToken();
        const path = `/internal/v1/purchases?${query}`;
        return (await queueServer.get(path, PurchaseSchema, { bearer })).purchased;
      } catch (error) {
        throw error instanceof UpstreamError ? unavailable(error, RETRY_AFTER) : error;
      }
    },
  };
}
export type Purchases = ReturnType<typeof createPurchases>;
