import type { Chance } from '@doa-market/common/testing';
import { buy, type Shop } from './buyer.ts';
import type { Memory } from './memory.ts';
import type { Card } from './points.ts';
import type { Theatre } from './theatre.ts';

interface CrowdOptions {
  theatre: Theatre;
  shop: Shop;
  chance: Chance;
  atOnce: number;
}

/** So many buyers at once; whoever leaves is followed by another, until no more are wanted. */
export function startCrowd({ theatre, shop, chance, atOnce }: CrowdOptions) {
  const memories: Memory[] = [];
  let open = true;
  let card: Card = 'approve';

  async function visitors(): Promise<void> {
    while (open) memories.push(await buy({ theatre, shop, chance, card: () => card }));
  }
  const all = Promise.all(Array.from({ length: atOnce }, visitors));

  return {
    prefer(preferred: Card): void {
      card = preferred;
    },
    /** Lets no more in. @returns what everybody remembers, once they have all gone */
    async end(): Promise<Memory[]> {
      open = false;
      await all;
      return memories;
    },
  };
}
export type Crowd = ReturnType<typeof startCrowd>;
