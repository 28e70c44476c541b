import { timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@doa-market/common/errors';
import type { Active } from './active.ts';
import type { Store } from './store.ts';

export interface Grant {
  admissionId: string;
  expiresAt: Date;
}

/**
 * What reservations need of the waiting room: whether there is one, and whether somebody was let in. Nothing here is used
 * up by asking. @throws {ProblemError} 503 from every verb while Redis cannot say
 */
export function createGrants({ store, active }: { store: Store; active: Active }) {
  return {
    /** Whether the event has a waiting room, open or not: then nobody reserves without having been let in. */
    isOn: (eventId: string): Promise<boolean> => store.exists(eventId),

    /** @throws {ProblemError} 403 QUE_4030 where the token is not the member's for this event, or its time is over */
    async verify(claim: { eventId: string; memberId: string; token: string }): Promise<Grant> {
      const grant = await store.grantOf(claim.eventId, claim.memberId);
      if (!grant || !isSame(grant.token, claim.token)) throw refused();
      return { admissionId: grant.admissionId, expiresAt: new Date(grant.expiresAt) };
    },

    /** The seats are bought: the place is over, and another event may be queued for. May be repeated at any time. */
    async finish(admission: { eventId: string; memberId: string; admissionId: string }): Promise<void> {
      if (await store.finish(admission)) await active.release(admission.memberId, admission.eventId);
    },
  };
}
export type Grants = ReturnType<typeof createGrants>;

const refused = () =>
  new ProblemError(403, 'QUE_4030', 'The queue token does not allow this; it may have expired.');

/** In a time that says nothing of how much of it was right. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
