import type { Database } from '../database.ts';
import { createHoldRepository } from './repository.ts';
import { createHolds } from './service.ts';
import { skuShelf } from './sku-shelf.ts';
import { createSweeper } from './sweeper.ts';

/** The stock: what can be done with it, and what takes back holds that have expired. */
export function createInventory(database: Database) {
  const holds = createHoldRepository(database);
  const sweep = createSweeper({ database, holds, shelf: skuShelf });
  return { holds: createHolds({ database, holds, shelf: skuShelf, sweep }), sweep };
}
