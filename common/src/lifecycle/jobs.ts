import type { Logger } from '../logging/index.ts';

interface Job {
  name: string;
  /** Milliseconds between the end of a run and the next one. */
  every: number;
  /** How much there was to do; while that is something, the next run follows at once. */
  run: () => Promise<number>;
}

/** Milliseconds: soon, so that servers which restart often do their share too. */
const FIRST_RUN = 1_000;

/** What is done regularly beside requests, by every instance: each job shares its work among them by itself. */
export function startJobs(jobs: readonly Job[], logger: Logger) {
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();

  async function run(job: Job): Promise<void> {
    let done = 0;
    try {
      done = await job.run();
      if (done > 0) logger.info({ job: job.name, done }, 'job');
    } catch (error) {
      logger.warn({ job: job.name, err: error }, 'job failed');
    }
    plan(job, done > 0 ? 0 : job.every);
  }

  function plan(job: Job, delay: number): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const work = run(job).finally(() => running.delete(work));
      running.add(work);
    }, delay);
    timers.add(timer.unref());
  }

  for (const job of jobs) plan(job, Math.min(job.every, FIRST_RUN));

  return {
    /** Lets what runs come to its end. */
    async stop(): Promise<void> {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
export type Jobs = ReturnType<typeof startJobs>;
