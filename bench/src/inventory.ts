import { cleaningUp } from './clean-up.ts';
import { contention } from './inventory/contention.ts';
import { openShop } from './inventory/shop.ts';
import { stampede } from './inventory/stampede.ts';
import { storm } from './inventory/storm.ts';

/**
 * The stock of product-server under everybody at once, over processes of its own with a PostgreSQL that is durable:
 *
 *   contention   holds of one SKU against holds of many
 *   stampede     thousands for one seat, with the gate in front of it and without
 *   storm        thousands for a thousand units and for a thousand seats, while processes are killed
 */
const PARTS = { contention, stampede, storm };

const named = process.argv.slice(2);
await cleaningUp(async (scope) => {
  const shop = await openShop(scope);
  for (const [name, run] of Object.entries(PARTS)) {
    if (named.length === 0 || named.includes(name)) await run(shop);
  }
});
