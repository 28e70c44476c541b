import { randomUUID } from 'node:crypto';
import type { Hold } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { UpstreamError } from '@doa-market/common/http';
import type { Inventory } from '../../src/inventory/inventory.ts';

/** Holds in memory, which end as product-server's do: for tests of what is done about them, not of holding. */
export function createShelf() {
  const holds = new Map<string, Hold & { isTaken: boolean }>();
  let isAway = false;

  function find(id: string) {
    if (isAway) throw new UpstreamError('product-server', 'unreachable');
    const hold = holds.get(id);
    if (!hold) throw new ProblemError(404, 'REQ_4040', 'The hold does not exist.');
    if (hold.state === 'HELD' && Date.parse(hold.expiresAt) < Date.now()) hold.state = 'EXPIRED';
    return hold;
  }

  const over = () => new ProblemError(409, 'INV_4091', 'The hold is over.');
  const unused = () => Promise.reject(new Error('not of this shelf'));

  const inventory: Inventory = {
    holdItems: unused,
    holdSeats: unused,
    availability: unused,
    find: async (id) => find(id),
    async extend(id, ttl) {
      const hold = find(id);
      if (hold.state === 'CONFIRMED') return hold;
      if (hold.state !== 'HELD') throw over();
      const until = Math.max(Date.parse(hold.expiresAt), Date.now() + ttl * 1_000);
      hold.expiresAt = new Date(until).toISOString();
      return hold;
    },
    async confirm(id) {
      const hold = find(id);
      if (hold.state === 'RELEASED' || hold.state === 'RETURNED') throw over();
      if (hold.state === 'EXPIRED' && hold.isTaken)
        throw new ProblemError(409, 'INV_4090', 'Not enough is left.');
      hold.state = 'CONFIRMED';
      return hold;
    },
    async release(id) {
      const hold = find(id);
      if (hold.state === 'CONFIRMED') throw new ProblemError(409, 'INV_4092', 'The hold is sold.');
      if (hold.state === 'HELD') hold.state = 'RELEASED';
      return hold;
    },
    async giveBack(id) {
      const hold = find(id);
      if (hold.state === 'CONFIRMED') hold.state = 'RETURNED';
      return hold;
    },
  };

  return {
    inventory,
    hold(seconds: number) {
      const id = randomUUID();
      const expiresAt = new Date(Date.now() + seconds * 1_000);
      holds.set(id, {
        id,
        owner: 'member',
        key: id,
        state: 'HELD',
        expiresAt: expiresAt.toISOString(),
        items: [],
        eventId: randomUUID(),
        seats: [],
        isTaken: false,
      });
      return { id, expiresAt };
    },
    stateOf: (id: string | null) => holds.get(id ?? '')?.state,
    /** Its time is over; `taken` says that somebody else has what it had. */
    expire(id: string | null, { taken = false } = {}): void {
      const hold = holds.get(id ?? '');
      if (hold) Object.assign(hold, { state: 'EXPIRED', isTaken: taken });
    },
    /** Nobody hears anything of it until it is back. */
    setAway(value: boolean): void {
      isAway = value;
    },
  };
}
