import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AnyRedis } from '@doa-market/common/redis';
import type { Inventory } from '../inventory/inventory.ts';
import { createLeader, type Leader } from './leader.ts';
import { createLeaderStore, type Outcome } from './leader-store.ts';
import type { Pace } from './pace.ts';
import type { OwnPictures } from './pictures.ts';
import { createStockWatch } from './stock.ts';
import type { Store } from './store.ts';

interface LeadershipOptions {
  redis: AnyRedis;
  store: Pick<Store, 'open'>;
  pictures: OwnPictures;
  inventory: Pick<Inventory, 'availability'>;
  pace: Pace;
  clock: string;
  elapsed: () => number;
}

/** What this process does for the rooms that it leads, and to lead those that nobody does. */
export function createLeadership(options: LeadershipOptions) {
  const { redis, store, pictures, inventory, pace, clock, elapsed } = options;
  const name = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const steps: Record<Outcome, number> = { DONE: 0, STALE: 0, FENCED: 0 };
  const leaders = new Map<string, Leader>();
  const stocks = createStockWatch({ inventory, pace, elapsed });

  function leaderOf(eventId: string): Leader {
    const there = leaders.get(eventId);
    if (there) return there;
    const made = createLeader({
      name,
      pace,
      store: createLeaderStore(redis, eventId, clock),
      refresh: async () => {
        await pictures.refresh(eventId);
        return pictures.own(eventId);
      },
      open: () => store.open(eventId, { ifDue: true }),
      stock: () => stocks.of(eventId),
    });
    leaders.set(eventId, made);
    return made;
  }

  function forgetWhatIsOver(): void {
    for (const eventId of leaders.keys()) {
      if (pictures.own(eventId)) continue;
      leaders.delete(eventId);
      stocks.forget(eventId);
    }
  }

  return {
    /** What has become of the steps that this process made as a leader. */
    steps: steps as Readonly<Record<Outcome, number>>,
    leads: (eventId: string): boolean => leaders.get(eventId)?.leads() ?? false,

    /** One step of each room that this process leads, or that nobody leads. @throws {ProblemError} 503 */
    async step(): Promise<void> {
      forgetWhatIsOver();
      const due = [...pictures.all()].filter(
        (own) => own.leader() === '' || leaders.get(own.picture.eventId)?.leads(),
      );
      const work = due.map(async ({ picture }) => {
        const outcome = await leaderOf(picture.eventId).step();
        if (outcome !== 'IDLE') steps[outcome] += 1;
      });
      const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },

    /** Before this process ends. */
    async resign(): Promise<void> {
      await Promise.allSettled([...leaders.values()].map((leader) => leader.resign()));
    },
  };
}
export type Leadership = ReturnType<typeof createLeadership>;
