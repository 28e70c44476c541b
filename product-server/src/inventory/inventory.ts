import type { Redis } from '@doa-market/common/redis';
import type { Database } from '../database.ts';
import { createEventRepository } from '../event/repository.ts';
import { createSeatGate } from '../event/seat-gate.ts';
import { createSeatHolds } from '../event/seat-holds.ts';
import { seatShelf } from '../event/seat-shelf.ts';
import { createHoldRepository } from './repository.ts';
import { createHolds } from './service.ts';
import { createShelves } from './shelves.ts';
import { skuShelf } from './sku-shelf.ts';
import { createSweeper } from './sweeper.ts';

const REMEMBERED_DAYS = 30;
const FORGET_BATCH = 500;

/** The stock and the seats: what can be done with them, and what takes back holds that have expired. */
export function createInventory(database: Database, redis: Redis) {
  const repository = createHoldRepository(database);
  const shelf = createShelves({ sku: skuShelf, seat: seatShelf });
  const sweep = createSweeper({ database, holds: repository, shelf });
  const holds = createHolds({ database, holds: repository, shelf, sweep });
  const events = createEventRepository(database);
  return {
    sweep,
    /** What came to nothing is kept for as long as anybody may ask. @returns how many are forgotten */
    forget: () => repository.forget(REMEMBERED_DAYS, FORGET_BATCH),
    holds: createSeatHolds({ holds, events, gate: createSeatGate(redis) }),
  };
}
