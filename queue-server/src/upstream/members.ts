import { type Address, AddressSchema, type CartPurchase } from '@doa-market/common/contracts';
import { invalidFields, ProblemError } from '@doa-market/common/errors';
import { Type } from 'typebox';
import type { Upstream } from './clients.ts';
import { orRefusal } from './refusal.ts';

const NOTHING = Type.Undefined();

/** member-server in the words of orders. */
export function createMembers({ client, serviceToken }: Upstream) {
  return {
    /** @throws {ProblemError} 422 where the member has no such address {UpstreamError} */
    async address(memberId: string, addressId: string): Promise<Address> {
      const bearer = await serviceToken();
      const path = `/internal/v1/members/${memberId}/addresses/${addressId}`;
      return orRefusal(client.get(path, AddressSchema, { bearer })).catch((error: unknown): never => {
        const isMissing = error instanceof ProblemError && error.status === 404;
        throw isMissing ? invalidFields([{ field: 'addressId', message: 'is no address of yours' }]) : error;
      });
    },

    /** Takes what was bought out of the member's cart; once for each order, however often it is asked for. */
    async removeFromCart(memberId: string, purchase: CartPurchase): Promise<void> {
      const bearer = await serviceToken();
      await orRefusal(client.post(`/internal/v1/carts/${memberId}/remove`, NOTHING, purchase, { bearer }));
    },
  };
}
export type Members = ReturnType<typeof createMembers>;
