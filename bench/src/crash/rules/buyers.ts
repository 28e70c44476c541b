import type { Memory } from '../memory.ts';
import type { OrderRow, Row, Rule, World } from '../world.ts';

/** What was bought stays bought, unless it is given back; what was given back stays so. */
const MAY_BECOME: Record<string, readonly OrderRow['status'][]> = {
  CONFIRMED: ['CONFIRMED', 'REFUNDED'],
  REFUNDED: ['REFUNDED'],
  CANCELLED: ['CANCELLED', 'REFUNDED'],
};

const byId = ({ orders }: World): Map<string, OrderRow> => new Map(orders.map((order) => [order.id, order]));

const everythingTold = ({ memories }: World) =>
  memories.flatMap(({ orders }) => [...orders].map(([id, told]) => ({ id, ...told })));

/** What must not be of what buyers were told. */
export const BUYERS: Record<string, Rule> = {
  'a buyer got nowhere': ({ memories }) =>
    memories
      .filter(({ outcome }) => /^(no answer|failed)/.test(outcome))
      .map(({ memberId, outcome }) => ({ memberId, outcome })),

  'a buyer was told another thing': (world) => {
    const now = byId(world);
    return everythingTold(world).flatMap(({ id, status }) => {
      const is = now.get(id)?.status;
      const isRight = is !== undefined && (MAY_BECOME[status]?.includes(is) ?? true);
      return isRight ? [] : [{ id, told: status, is }];
    });
  },

  'what a buyer cancelled was not cancelled': (world) => {
    const now = byId(world);
    return everythingTold(world).flatMap(({ id, isCancelled }) => {
      const is = now.get(id)?.status;
      return isCancelled && is !== 'CANCELLED' && is !== 'REFUNDED' ? [{ id, is }] : [];
    });
  },

  'a buyer was shown other tickets': (world) => {
    const now = byId(world);
    return everythingTold(world).flatMap(({ id, tickets }) => {
      if (tickets.length === 0 || now.get(id)?.status !== 'CONFIRMED') return [];
      const are = world.orderSeats
        .filter(({ orderId }) => orderId === id)
        .map(({ ticketCode }) => ticketCode);
      return `${are}` === `${tickets}` ? [] : [{ id, tickets, are }];
    });
  },

  'a buyer has an order that they did not hear of': ({ orders, memories }) => {
    const told = new Set(memories.flatMap((memory) => [...memory.orders.keys()]));
    return orders.filter(({ id }) => !told.has(id)).map(({ id, memberId }) => ({ id, memberId }));
  },

  'a place is not one': ({ memories }) => placesDiffer(memories),

  'a place outlives what was bought with it': ({ placesAfter }) =>
    [...placesAfter]
      .filter(([, status]) => status !== 404)
      .map(([memberId, status]) => ({ memberId, status })),

  'a cart has still what was bought': ({ orders, carts }) => {
    const told = new Set(carts.map(({ orderId }) => orderId));
    return orders
      .filter(({ kind, status, id }) => kind === 'GOODS' && status === 'CONFIRMED' && !told.has(id))
      .map(({ id }) => ({ id }));
  },

  'a cart has lost another thing than what was bought': (world) => {
    const now = byId(world);
    return world.carts.filter(({ orderId, memberId, items }) => {
      const order = now.get(orderId);
      const lines = world.orderItems.filter((item) => item.orderId === orderId);
      const are = lines.map(({ skuId, quantity }) => `${quantity} ${skuId}`);
      const removed = items.map(({ skuId, quantity }) => `${quantity} ${skuId}`);
      return !order?.wasConfirmed || order.memberId !== memberId || `${are}` !== `${removed}`;
    });
  },
};

/** A member has one receipt, one number and one token, and shares none of them. */
function placesDiffer(memories: readonly Memory[]): Row[] {
  const owners = new Map<string, string>();
  const rows: Row[] = [];
  for (const { memberId, place } of memories) {
    for (const [kind, values] of Object.entries(place) as [string, Set<unknown>][]) {
      if (values.size > 1) rows.push({ memberId, kind, values: [...values] });
      for (const value of values) {
        const name = `${kind} ${value}`;
        const owner = owners.get(name);
        if (owner !== undefined) rows.push({ memberId, owner, name });
        owners.set(name, memberId);
      }
    }
  }
  return rows;
}
