import type { Memory } from './buyer.ts';
import type { Theatre } from './theatre.ts';

/** Each gives a row for everything that must not be: what it is, and of which. Their own words, not the servers'. */
const ORDERS = {
  'an event waits in the outbox': `SELECT id FROM outbox_events`,
  'an event was put aside': `SELECT event_id AS id, reason FROM dead_letters WHERE replayed_at IS NULL`,
  'an order hangs': `SELECT id, status FROM orders WHERE status IN ('HELD', 'PAYING') OR advance_at IS NOT NULL`,
  'what an ended order held was not settled': `
    SELECT id, status FROM orders
    WHERE status IN ('CANCELLED', 'REFUNDED') AND hold_id IS NOT NULL AND hold_settled_at IS NULL`,
  'nobody was told of a confirmed order': `
    SELECT id FROM orders WHERE status = 'CONFIRMED' AND followed_up_at IS NULL`,
  'a payment hangs': `SELECT id, status FROM payments WHERE status IN ('REQUESTED', 'READY', 'REFUNDING')`,
  'a refund hangs': `SELECT id, payment_id FROM refunds WHERE done_at IS NULL`,
  'a confirmed order was not paid exactly once': `
    SELECT o.id, count(p.id)::int AS paid FROM orders o
    LEFT JOIN payments p ON p.order_id = o.id AND p.status = 'PAID' AND p.captured = o.amount AND p.refunded = 0
    WHERE o.status = 'CONFIRMED' GROUP BY o.id HAVING count(p.id) <> 1`,
  'money was kept for nothing': `
    SELECT p.id, o.status FROM payments p JOIN orders o ON o.id = p.order_id
    WHERE p.captured > p.refunded AND NOT (p.status = 'PAID' AND o.status = 'CONFIRMED')`,
  'a seat was sold twice': `
    SELECT seat_id AS id FROM order_seats s JOIN orders o ON o.id = s.order_id
    WHERE o.status = 'CONFIRMED' GROUP BY seat_id HAVING count(*) > 1`,
  'a confirmed order has seats without a ticket, or another one has tickets': `
    SELECT o.id, o.status FROM orders o JOIN order_seats s ON s.order_id = o.id
    WHERE (o.status = 'CONFIRMED') <> (s.ticket_code IS NOT NULL)`,
  'an admission has bought twice': `
    SELECT admission_id AS id FROM orders WHERE admission_id IS NOT NULL AND status = 'CONFIRMED'
    GROUP BY admission_id HAVING count(*) > 1`,
};

const STOCK = {
  'a hold hangs': `SELECT id FROM holds WHERE state = 'HELD'`,
  'units are held by nobody': `SELECT id, held FROM skus WHERE held <> 0`,
  'a seat is held by nobody': `SELECT id FROM seats WHERE status = 'AVAILABLE' AND hold_id IS NOT NULL`,
};

interface AuditOptions {
  theatre: Theatre;
  memories: readonly Memory[];
  /** Units that each SKU began with. */
  units: number;
}

type Row = Record<string, unknown>;

/** @returns all that must not be: empty where everything is as it should be */
export async function audit({ theatre, memories, units }: AuditOptions): Promise<string[]> {
  const { queues, products } = theatre;
  const findings: string[] = [];
  const find = (what: string, rows: readonly Row[]) =>
    findings.push(...rows.map((row) => `${what}: ${JSON.stringify(row)}`));
  const [ordersOf, stockOf] = [queues, products].map(
    (client) => async (text: string) => (await client.query<Row>(text)).rows,
  );
  if (!ordersOf || !stockOf) throw new Error('no databases');

  for (const [what, query] of Object.entries(ORDERS)) find(what, await ordersOf(query));
  for (const [what, query] of Object.entries(STOCK)) find(what, await stockOf(query));

  find('sold here and not there', await soldDifferently());
  find('the gateway has another amount', await moneyDiffers(theatre));
  find('a buyer was told another thing', toldDifferently(await statuses()));
  find('a place is not one', placesDiffer(memories));
  find(
    'a buyer got nowhere',
    memories
      .filter(({ outcome }) => /^(no answer|failed)/.test(outcome))
      .map(({ memberId, outcome }) => ({ memberId, outcome })),
  );
  return findings;

  async function statuses(): Promise<Map<unknown, unknown>> {
    const rows = await ordersOf?.('SELECT id, status::text FROM orders');
    return new Map(rows?.map(({ id, status }) => [id, status]));
  }

  /** Seats and units that confirmed orders have, against those that product-server has sold. */
  async function soldDifferently(): Promise<Row[]> {
    const bought = await ordersOf?.(`
      SELECT seat_id::text AS id, 1 AS quantity FROM order_seats s JOIN orders o ON o.id = s.order_id
      WHERE o.status = 'CONFIRMED'
      UNION ALL
      SELECT sku_id::text, sum(quantity)::int FROM order_items i JOIN orders o ON o.id = i.order_id
      WHERE o.status = 'CONFIRMED' GROUP BY sku_id`);
    const sold = await stockOf?.(`
      SELECT id::text, 1 AS quantity FROM seats WHERE status = 'SOLD'
      UNION ALL
      SELECT id::text, ${units} - on_hand FROM skus WHERE on_hand <> ${units}`);
    return difference(toMap(bought ?? []), toMap(sold ?? []));
  }

  /** What was bought stays bought, unless it is given back; what was given back stays so. */
  function toldDifferently(now: Map<unknown, unknown>): Row[] {
    const told = memories.flatMap(({ orders }) => [...orders]);
    const may: Record<string, string[]> = {
      CONFIRMED: ['CONFIRMED', 'REFUNDED'],
      REFUNDED: ['REFUNDED'],
      CANCELLED: ['CANCELLED', 'REFUNDED'],
    };
    return told
      .filter(([id, status]) => !(may[status]?.includes(`${now.get(id)}`) ?? now.has(id)))
      .map(([id, status]) => ({ id, told: status, is: now.get(id) }));
  }
}

/** What came and went by our books, where it is not what came and went by the gateway's. */
export async function moneyDiffers({ queues, sandbox }: Theatre): Promise<Row[]> {
  const { rows } = await queues.query<{ id: string; captured: number; refunded: number }>(
    'SELECT id, captured, refunded FROM payments',
  );
  const ledger = await sandbox.ledger();
  const known = new Set(rows.map(({ id }) => id));
  const different = rows.filter(({ id, captured, refunded }) => {
    const theirs = ledger.get(id) ?? { captured: 0, cancelled: 0 };
    return theirs.captured !== captured || theirs.cancelled !== refunded;
  });
  return [
    ...different.map((row) => ({ ...row, gateway: ledger.get(row.id) ?? null })),
    ...[...ledger.keys()].filter((id) => !known.has(id)).map((id) => ({ id, why: 'is unknown here' })),
  ];
}

const toMap = (rows: readonly Row[]) => new Map(rows.map(({ id, quantity }) => [id, quantity]));

function difference(bought: Map<unknown, unknown>, sold: Map<unknown, unknown>): Row[] {
  const ids = new Set([...bought.keys(), ...sold.keys()]);
  return [...ids]
    .map((id) => ({ id, bought: bought.get(id) ?? 0, sold: sold.get(id) ?? 0 }))
    .filter((it) => it.bought !== it.sold);
}

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
