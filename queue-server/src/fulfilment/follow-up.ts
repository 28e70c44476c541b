import type { WholeOrder } from '../order/repository.ts';
import type { Members } from '../upstream/members.ts';
import type { Grants } from '../waiting-room/grants.ts';

interface FollowUpParts {
  members: Pick<Members, 'removeFromCart'>;
  grants: Pick<Grants, 'finish'>;
}

/** Tells whoever else has to know that an order is confirmed. May be repeated. */
export function createFollowUp({ members, grants }: FollowUpParts) {
  return async function followUp({ id, memberId, items, eventId, admissionId }: WholeOrder): Promise<void> {
    if (items.length > 0) {
      const lines = items.map(({ skuId, quantity }) => ({ skuId, quantity }));
      await members.removeFromCart(memberId, { orderId: id, items: lines });
    }
    if (eventId && admissionId) await grants.finish({ eventId, memberId, admissionId });
  };
}
export type FollowUp = ReturnType<typeof createFollowUp>;
