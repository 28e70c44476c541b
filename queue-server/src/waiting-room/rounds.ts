import { ProblemError } from '@doa-market/common/errors';
import { startJobs } from '@doa-market/common/lifecycle';
import type { Logger } from '@doa-market/common/logging';
import type { Leadership } from './leadership.ts';
import type { Pace } from './pace.ts';
import type { OwnPictures } from './pictures.ts';

interface Rounds {
  pictures: OwnPictures;
  leadership: Leadership;
  pace: Pace;
  logger: Logger;
}

/** Keeps the pictures true, says who was seen, and leads: until it is stopped. */
export function startRounds({ pictures, leadership, pace, logger }: Rounds) {
  const jobs = startJobs(
    [
      { name: 'look at waiting rooms', every: pace.refresh, run: whileThere(pictures.refreshAll) },
      { name: 'say who was seen', every: pace.flush, run: whileThere(pictures.flushAll) },
      { name: 'lead waiting rooms', every: pace.step, run: whileThere(leadership.step) },
    ],
    logger,
  );
  return {
    /** Says what is still to be said, and lets another process lead at once. */
    async stop(): Promise<void> {
      await jobs.stop();
      await pictures.flushAll().catch(() => undefined);
      await leadership.resign();
    },
  };
}
export type RunningRounds = ReturnType<typeof startRounds>;

/** Redis' own connection says, once, that it is away. */
const whileThere = (work: () => Promise<void>) => async (): Promise<number> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
  return 0;
};
