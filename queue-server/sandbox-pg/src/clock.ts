interface Job {
  at: number;
  run: () => void;
  timer?: NodeJS.Timeout;
}

/** Time that can be put forward, so that who tests an expiry does not wait for it. Milliseconds throughout. */
export function createClock(offset = 0) {
  const jobs = new Set<Job>();
  let ahead = offset;
  const now = () => Date.now() + ahead;

  function fire(job: Job): void {
    clearTimeout(job.timer);
    if (jobs.delete(job)) job.run();
  }

  function arm(job: Job): void {
    clearTimeout(job.timer);
    job.timer = setTimeout(() => fire(job), Math.max(0, job.at - now())).unref();
  }

  function at(time: number, run: () => void): () => void {
    const job: Job = { at: time, run };
    jobs.add(job);
    arm(job);
    return () => {
      clearTimeout(job.timer);
      jobs.delete(job);
    };
  }

  return {
    now,
    /** How far it is ahead of the machine's. */
    ahead: () => ahead,
    /** Puts it forward; what falls due by that is run at once, in its order. */
    advance(by: number): void {
      ahead += by;
      const due = [...jobs].filter((job) => job.at <= now()).sort((a, b) => a.at - b.at);
      for (const job of due) fire(job);
      for (const job of jobs) arm(job);
    },
    /** @returns what calls it off */
    at,
    sleepUntil: (time: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const cancel = at(time, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            cancel();
            resolve();
          },
          { once: true },
        );
      }),
    close(): void {
      for (const job of jobs) clearTimeout(job.timer);
      jobs.clear();
    },
  };
}
export type Clock = ReturnType<typeof createClock>;
