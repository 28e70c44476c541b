import type { Row, Rule, World } from '../world.ts';

/** What must not be of stock, by product-server's rows and against what was bought. */
export const STOCK: Record<string, Rule> = {
  'a hold hangs': ({ holds }) => holds.filter(({ state }) => state === 'HELD'),

  'units are held by nobody': ({ skus }) => skus.filter(({ held }) => held !== 0),

  'a seat is held by nobody': ({ seats }) =>
    seats.filter(({ status, holdId }) => status === 'AVAILABLE' && holdId !== null),

  'sold here and not there': (world) => difference(bought(world), sold(world)),

  'a hold was sold for another order': ({ holds, orders }) => {
    const theirs = holds.filter(({ state }) => state === 'CONFIRMED').map(({ id }) => [id, 1] as const);
    const ours = orders.flatMap(({ status, holdId }) =>
      status === 'CONFIRMED' ? [[`${holdId}`, 1] as const] : [],
    );
    return difference(new Map(ours), new Map(theirs));
  },
};

/** How many of each seat and SKU confirmed orders have. */
function bought({ orders, orderItems, orderSeats }: World): Map<string, number> {
  const confirmed = new Set(orders.flatMap(({ id, status }) => (status === 'CONFIRMED' ? [id] : [])));
  const counts = new Map<string, number>();
  const lines = [
    ...orderItems.map(({ orderId, skuId: id, quantity }) => ({ orderId, id, quantity })),
    ...orderSeats.map(({ orderId, seatId: id }) => ({ orderId, id, quantity: 1 })),
  ];
  for (const { orderId, id, quantity } of lines) {
    if (confirmed.has(orderId)) counts.set(id, (counts.get(id) ?? 0) + quantity);
  }
  return counts;
}

/** How many of each product-server has given away. */
const sold = ({ seats, skus, began }: World): Map<string, number> =>
  new Map([
    ...seats.flatMap(({ id, status }) => (status === 'SOLD' ? [[id, 1] as const] : [])),
    ...skus.map(({ id, onHand }) => [id, (began.get(id) ?? 0) - onHand] as const),
  ]);

function difference(ours: Map<string, number>, theirs: Map<string, number>): Row[] {
  const ids = new Set([...ours.keys(), ...theirs.keys()]);
  return [...ids]
    .map((id) => ({ id, bought: ours.get(id) ?? 0, sold: theirs.get(id) ?? 0 }))
    .filter((it) => it.bought !== it.sold);
}
