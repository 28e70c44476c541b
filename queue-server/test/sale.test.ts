import { expect, inject, it } from 'vitest';
import { cleaningUp } from '../../bench/src/clean-up.ts';
import { holdSale } from '../../bench/src/sale/sale.ts';

/** A small one of what `npm run sale -w bench` does, through real processes. */
const SMALL = { members: 120, seats: 16, rate: 20, arrival: 0.5, seed: 7 };

it('a sale sells every seat once, at the pace that was set, whatever its visitors are like', {
  timeout: 240_000,
}, async () => {
  const sale = await cleaningUp((scope) => holdSale(scope, { ...SMALL, postgresUrl: inject('postgresUrl') }));
  expect(sale.findings).toEqual([]);
  expect(sale.tickets).toEqual({ count: sale.sold, seats: sale.sold });
  expect(sale.sold).toBeGreaterThan(SMALL.seats / 2);
  expect(sale.money.captured).toBe(sale.money.confirmed + sale.money.refunded);
  // Those who come too early are told so.
  expect(sale.statuses.get(429)).toBeGreaterThan(0);
});
