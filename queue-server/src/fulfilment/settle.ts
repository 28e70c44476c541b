import { ProblemError } from '@doa-market/common/errors';
import type { Inventory } from '../inventory/inventory.ts';
import { durably } from '../steps.ts';

/** Sees to it that nothing is kept or sold for an order that has ended, however far it had come. May be repeated. */
export async function settleHold(inventory: Inventory, holdId: string): Promise<void> {
  try {
    await durably('compensate', () => inventory.release(holdId));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (error.code === 'INV_4092') await durably('compensate', () => inventory.giveBack(holdId));
    // It had come back before, or was never there.
    else if (error.code !== 'INV_4091' && error.code !== 'REQ_4040') throw error;
  }
}
