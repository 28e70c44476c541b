import { setTimeout as delay } from 'node:timers/promises';
import { moneyDiffers } from './rules/money.ts';
import type { Theatre } from './theatre.ts';
import type { PaymentRow } from './world.ts';

/** Everything that still has to come to its end by itself. */
const UNFINISHED = `
  SELECT (SELECT count(*) FROM outbox_events)
       + (SELECT count(*) FROM orders WHERE status IN ('HELD', 'PAYING') OR advance_at IS NOT NULL)
       + (SELECT count(*) FROM payments WHERE status IN ('REQUESTED', 'READY', 'REFUNDING')) AS left`;
const MONEY = `SELECT id, order_id AS "orderId", status::text, currency, captured, refunded FROM payments`;
const HELD = `SELECT count(*) AS left FROM holds WHERE state = 'HELD'`;

/** As if a quarter of an hour had passed, which is more than a hold, a permit or a payment lasts. */
const QUARTER = `interval '15 minutes'`;
const LATER = {
  queues: [
    `UPDATE orders SET hold_expires_at = hold_expires_at - ${QUARTER}, advance_at = advance_at - ${QUARTER},
       permit_expires_at = permit_expires_at - ${QUARTER} WHERE status IN ('HELD', 'PAYING') OR advance_at IS NOT NULL`,
    `UPDATE payments SET expires_at = expires_at - ${QUARTER}, ask_again_at = ask_again_at - ${QUARTER}
       WHERE status IN ('REQUESTED', 'READY', 'REFUNDING') OR ask_again_at IS NOT NULL`,
  ],
  products: [`UPDATE holds SET expires_at = expires_at - ${QUARTER} WHERE state = 'HELD'`],
};
/** Milliseconds until time is helped along, and how often that is. */
const HELP_EVERY = 4_000;
const HELPS = 15;
/** Seconds that the sandbox's silence lasts, and a little. */
const SILENCE = 61;

/**
 * Waits until everything has come to its end, and lets time pass for what waits for that. Payments of which nobody knows
 * come out before it, or long after their orders have ended.
 * @returns whether it has
 */
export async function settle(theatre: Theatre, { early }: { early: boolean }): Promise<boolean> {
  const { queues, products, sandbox, stream } = theatre;
  const count = async (client: typeof queues, text: string) =>
    Number((await client.query<{ left: string }>(text)).rows[0]?.left);

  const agrees = async () => {
    const { rows: payments } = await queues.query<PaymentRow>(MONEY);
    return moneyDiffers({ payments, gateway: await sandbox.ledger() }).length === 0;
  };
  /** What was read by a process that has gone is read again by another one, some seconds later. */
  const isRead = async () => {
    const { unread, unfinished } = await stream.group();
    return unread + unfinished === 0;
  };

  if (early) await sandbox.wait(SILENCE);
  for (let help = 0; help < HELPS; help += 1) {
    for (const end = performance.now() + HELP_EVERY; performance.now() < end; await delay(100)) {
      const left = (await count(queues, UNFINISHED)) + (await count(products, HELD));
      // What the gateway has captured may still be on its way to us.
      const isOver = left === 0 && (early || help > 0);
      if (isOver && (await agrees()) && (await isRead())) return true;
    }
    for (const text of LATER.queues) await queues.query(text);
    for (const text of LATER.products) await products.query(text);
    if (!early && help === 0) {
      await delay(HELP_EVERY);
      await sandbox.wait(SILENCE);
    }
  }
  return false;
}
