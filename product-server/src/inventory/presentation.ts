import type { Hold } from '@doa-market/common/contracts';
import type { StoredHold } from './repository.ts';

export const toHold = ({ id, owner, key, state, expiresAt, items }: StoredHold): Hold => ({
  id,
  owner,
  key,
  state,
  expiresAt: expiresAt.toISOString(),
  items: items.flatMap(({ skuId, quantity, price }) => (skuId ? [{ skuId, quantity, price }] : [])),
  eventId: items.find(({ seat }) => seat)?.seat?.eventId ?? null,
  seats: items.flatMap(({ seatId, seat, price }) => {
    if (!seatId || !seat) return [];
    const { section, row, number, grade } = seat;
    return [{ seatId, section, row, number, grade, price }];
  }),
});
