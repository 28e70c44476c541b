import { alarmsIn } from './alarms.ts';
import type { Shop } from './buyer.ts';
import { createClient } from './client.ts';
import type { Memory } from './memory.ts';
import type { Theatre } from './theatre.ts';
import type { OrderRow, PaymentRow, World } from './world.ts';

const QUERIES = {
  orders: `
    SELECT id, member_id AS "memberId", kind::text, status::text, amount, version, hold_id AS "holdId",
      admission_id AS "admissionId", hold_settled_at IS NOT NULL AS "isSettled",
      followed_up_at IS NOT NULL AS "isFollowedUp", confirmed_at IS NOT NULL AS "wasConfirmed",
      advance_at IS NOT NULL AS "isDue"
    FROM orders ORDER BY id`,
  orderSeats: `
    SELECT order_id AS "orderId", seat_id AS "seatId", unit_price AS "unitPrice", ticket_code AS "ticketCode"
    FROM order_seats ORDER BY order_id, position`,
  orderItems: `
    SELECT order_id AS "orderId", sku_id AS "skuId", unit_price AS "unitPrice", quantity
    FROM order_items ORDER BY order_id, position`,
  payments: `
    SELECT id, order_id AS "orderId", status::text, currency, captured, refunded FROM payments ORDER BY id`,
  refunds: `SELECT payment_id AS "paymentId", amount, done_at IS NOT NULL AS "isDone" FROM refunds`,
  outbox: `SELECT id FROM outbox_events`,
  putAside: `SELECT event_id AS id FROM dead_letters WHERE replayed_at IS NULL`,
  handled: `SELECT event_id AS id FROM handled_events`,
  holds: `SELECT id, state::text FROM holds`,
  skus: `SELECT id, on_hand AS "onHand", held FROM skus`,
  seats: `SELECT id, status::text, hold_id AS "holdId" FROM seats`,
};

interface ReadOptions {
  theatre: Theatre;
  shop: Shop;
  memories: readonly Memory[];
}

/** Reads all of it; for when nothing moves any more. */
export async function readWorld({ theatre, shop, memories }: ReadOptions): Promise<World> {
  const { queues, products } = theatre;
  const rows = async <Row extends object>(client: typeof queues, text: string) =>
    (await client.query<Row>(text)).rows;
  const ids = async (text: string) => (await rows<{ id: string }>(queues, text)).map(({ id }) => id);

  const orders = await rows<OrderRow>(queues, QUERIES.orders);
  return {
    orders,
    orderSeats: await rows<World['orderSeats'][number]>(queues, QUERIES.orderSeats),
    orderItems: await rows<World['orderItems'][number]>(queues, QUERIES.orderItems),
    payments: await rows<PaymentRow>(queues, QUERIES.payments),
    refunds: await rows<World['refunds'][number]>(queues, QUERIES.refunds),
    outbox: await ids(QUERIES.outbox),
    putAside: await ids(QUERIES.putAside),
    handled: await ids(QUERIES.handled),
    holds: await rows<World['holds'][number]>(products, QUERIES.holds),
    skus: await rows<World['skus'][number]>(products, QUERIES.skus),
    seats: await rows<World['seats'][number]>(products, QUERIES.seats),
    began: shop.units,
    events: await theatre.stream.events(),
    group: await theatre.stream.group(),
    gateway: await theatre.sandbox.ledger(),
    carts: theatre.cartRemovals(),
    memories,
    placesAfter: await placesAfter(theatre, shop, orders),
    alarms: alarmsIn(theatre.logs()),
  };
}

/** Whoever has bought seats has had their turn. */
async function placesAfter(theatre: Theatre, { eventId }: Shop, orders: readonly OrderRow[]) {
  const buyers = orders.filter(({ kind, status }) => kind === 'SEATS' && status === 'CONFIRMED');
  const places = new Map<string, number>();
  for (const { memberId } of buyers) {
    const client = createClient(theatre.url, await theatre.token('MEMBER', memberId));
    const { status } = await client.insist({ method: 'GET', path: `/api/queue/${eventId}/status` });
    places.set(memberId, status);
    client.close();
  }
  return places;
}
