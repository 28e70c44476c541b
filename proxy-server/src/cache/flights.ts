export type Work<Outcome> = (isCurrent: () => boolean) => Promise<Outcome>;

/**
 * One fetch per key at a time: whoever comes meanwhile gets its outcome.
 * A fetch that is no longer `current` when it ends has been overtaken and must not be kept.
 */
export function createFlights<Outcome>() {
  interface Flight {
    outcome: Promise<Outcome>;
    startedAs: number;
  }
  const joinable = new Map<string, Flight>();
  const settledAs = new Map<string, number>();
  const running = new Map<string, number>();
  let sequence = 0;

  function start(key: string, work: Work<Outcome>, open: boolean): Flight {
    const startedAs = ++sequence;
    running.set(key, (running.get(key) ?? 0) + 1);
    const isCurrent = () => {
      if (startedAs < (settledAs.get(key) ?? 0)) return false;
      settledAs.set(key, startedAs);
      return true;
    };
    const flight: Flight = { startedAs, outcome: work(isCurrent).finally(() => land(key, startedAs)) };
    if (open) joinable.set(key, flight);
    return flight;
  }

  function land(key: string, startedAs: number): void {
    if (joinable.get(key)?.startedAs === startedAs) joinable.delete(key);
    const left = (running.get(key) ?? 1) - 1;
    if (left > 0) {
      running.set(key, left);
    } else {
      running.delete(key);
      settledAs.delete(key);
    }
  }

  return {
    has: (key: string) => joinable.has(key),
    /** Joins the flight for `key`, or becomes the one that starts it. */
    join(key: string, work: Work<Outcome>) {
      const flight = joinable.get(key);
      if (flight) return { outcome: flight.outcome, leads: false };
      return { outcome: start(key, work, true).outcome, leads: true };
    },
    /** Starts a new one even if one is under way: what began earlier may bring what was before. */
    supersede: (key: string, work: Work<Outcome>) => start(key, work, true).outcome,
    /** Starts one that nobody else can join. */
    alone: (key: string, work: Work<Outcome>) => start(key, work, false).outcome,
    /** Nobody joins what is under way for a key any more. */
    close: (key: string) => joinable.delete(key),
    /** Nobody joins anything that is under way. */
    closeAll: () => joinable.clear(),
  };
}
export type Flights<Outcome> = ReturnType<typeof createFlights<Outcome>>;
