import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { QueueStatsSchema } from '@doa-market/common/contracts';
import { type Client, parsed } from '../crash/client.ts';

const LOOK_EVERY = 500;

interface Look {
  /** Seconds. */
  at: number;
  admitted: number;
  open: boolean;
  /** Whether there is a crowd to let in from, and anything left for it; seats that are held may come back. */
  crowded: boolean;
}

/** Seconds' worth of members who are there to be let in. */
const CROWD = 3;

/** Watches, as an operator does, how many are let in. */
export function watchPace(operator: Client, eventId: string) {
  const looks: Look[] = [];
  let over = false;
  const watching = (async () => {
    for (; !over; await delay(LOOK_EVERY)) {
      const answer = await operator.insist({ method: 'GET', path: `/api/queue/${eventId}/stats` });
      const { state, admitted, present, remaining, settings } = parsed(QueueStatsSchema, answer);
      const crowded = state === 'OPEN' && remaining !== 0 && present > CROWD * settings.rate;
      looks.push({ at: performance.now() / 1_000, admitted, open: state === 'OPEN', crowded });
    }
  })();
  // What went wrong is thrown when it is stopped.
  watching.catch(() => undefined);

  return {
    isSoldOut: () => {
      const last = looks.at(-1);
      return last !== undefined && !last.open && last.admitted > 0;
    },
    /**
     * Members let in per second, from when it had settled until the room was closed or had nobody left to choose from.
     * @param settle seconds after the first one came in
     */
    measured(settle: number): { rate: number; seconds: number } {
      const begin = (looks.find(({ admitted }) => admitted > 0)?.at ?? 0) + settle;
      const first = looks.find(({ at }) => at >= begin);
      const stopped = looks.findIndex(({ at, crowded }) => at >= begin && !crowded);
      const last = stopped < 0 ? looks.at(-1) : looks[stopped - 1];
      if (!first || !last || last.at <= first.at) return { rate: Number.NaN, seconds: 0 };
      const seconds = last.at - first.at;
      return { rate: (last.admitted - first.admitted) / seconds, seconds };
    },
    async stop(): Promise<void> {
      over = true;
      await watching;
    },
  };
}
