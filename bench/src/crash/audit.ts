import { BUYERS } from './rules/buyers.ts';
import { EVENTS } from './rules/events.ts';
import { MONEY } from './rules/money.ts';
import { ORDERS } from './rules/orders.ts';
import { STOCK } from './rules/stock.ts';
import type { Rule, World } from './world.ts';

/** By what must not be. */
export const RULES: Record<string, Rule> = {
  ...ORDERS,
  ...STOCK,
  ...MONEY,
  ...EVENTS,
  ...BUYERS,
  'a server has raised an alarm': ({ alarms }) => alarms.map((line) => ({ line })),
};

/** @returns all that must not be: empty where everything is as it should be */
export const audit = (world: World): string[] =>
  Object.entries(RULES).flatMap(([what, rule]) =>
    rule(world).map((row) => `${what}: ${JSON.stringify(row)}`),
  );
