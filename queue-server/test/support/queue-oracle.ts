/** Milliseconds, as in pace.ts and poll.ts: said again here, so that a change there has to be meant. */
const SETTLE = 3_000;
const SLACK = 5_000;
const CLAIM = 10_000;
const CLAIM_AGAIN = 90_000;
const LONGEST_POLL = 30_000;
const BATCH_SECONDS = 1;

type State = 'WAITING' | 'CALLED' | 'MISSED' | 'CLAIMED' | 'GONE';

interface Place {
  member: string;
  receipt: number;
  number: number;
  state: State;
  seenAt: number;
  dueAt: number;
  calledAt: number;
  /** How long it may take to claim. */
  patience: number;
  /** Not seen yet by anybody but the process that gave it. */
  fresh: boolean;
}

export interface OracleSettings {
  rate: number;
  /** Seconds. */
  grace: number;
}

/**
 * The waiting room as one careful person with a list and a stopwatch would keep it: nothing happens at once, and whom to
 * call is looked for from the front each time.
 */
export function createQueueOracle(settings: OracleSettings) {
  const places: Place[] = [];
  const calls: number[] = [];
  /** How many have been given back. */
  let back = 0;
  let openedAt: number | undefined;
  let paused = false;
  let cursor = 0;
  /** When the next one might be called if nobody ever were called early. */
  let next = 0;
  let firstSeen: number | undefined;

  const placeOf = (receipt: number): Place => {
    const place = places[receipt - 1];
    if (!place) throw new Error(`no place ${receipt}`);
    return place;
  };
  const byNumber = () => [...places].sort((a, b) => a.number - b.number);
  const start = () => firstSeen ?? Number.POSITIVE_INFINITY;
  const lateAfter = (place: Place) => Math.max(place.dueAt, start() + LONGEST_POLL) + SLACK;
  const isSilent = (place: Place, now: number) => !place.fresh && now > lateAfter(place);
  const isBack = (place: Place, now: number) => !place.fresh && now <= place.dueAt + SLACK;
  const isLost = (place: Place, now: number) =>
    isSilent(place, now) && now > Math.max(place.seenAt, start()) + settings.grace * 1_000;

  function mayCall(now: number): boolean {
    const ahead = Math.max(1, Math.floor(settings.rate * BATCH_SECONDS)) / settings.rate;
    return next + 1_000 / settings.rate <= now + ahead * 1_000 + 0.001;
  }
  function call(place: Place, now: number): void {
    const patience = place.state === 'MISSED' ? CLAIM_AGAIN : CLAIM;
    Object.assign(place, { state: 'CALLED', calledAt: now, patience });
    calls.push(place.receipt);
    next += 1_000 / settings.rate;
  }

  return {
    settings,
    calls,
    cursor: () => cursor,
    /** How many calls, without those that were given back. */
    net: () => calls.length - back,
    placeOf,
    placeOfMember: (member: string) =>
      places.find((place) => place.member === member && place.state !== 'GONE'),
    places,
    enter(member: string): number {
      const receipt = places.length + 1;
      const unseen = { seenAt: 0, dueAt: 0, calledAt: 0, patience: 0, fresh: true };
      places.push({ member, receipt, number: receipt, state: 'WAITING', ...unseen });
      return receipt;
    },
    leave(receipt: number) {
      placeOf(receipt).state = 'GONE';
    },
    claim(receipt: number) {
      placeOf(receipt).state = 'CLAIMED';
    },
    open(now: number, numberOf: (receipt: number) => number) {
      for (const place of places) place.number = numberOf(place.receipt);
      openedAt = now;
    },
    pause(is: boolean) {
      paused = is;
    },
    /** What the processes tell: whom each saw since the last time, and when those will come again (seconds). */
    hear(now: number, sightings: ReadonlyMap<number, number>) {
      if (places.length === 0) return;
      firstSeen ??= now;
      for (const place of places) {
        if (place.fresh) Object.assign(place, { seenAt: now, dueAt: now + LONGEST_POLL, fresh: false });
      }
      for (const [receipt, told] of sightings) {
        Object.assign(placeOf(receipt), { seenAt: now, dueAt: now + told * 1_000 });
      }
    },
    /** How many are before, plus one; 0 for who is called. */
    positionOf(receipt: number): number {
      const { number, state } = placeOf(receipt);
      if (state === 'CALLED' || state === 'CLAIMED') return 0;
      const before = places.filter((place) => place.number < number && place.state === state);
      return before.length + 1;
    },
    step(now: number) {
      const open = places.filter(({ state }) => state !== 'CLAIMED' && state !== 'GONE');
      for (const place of open) if (isLost(place, now)) place.state = 'GONE';
      for (const place of open) {
        if (place.state !== 'CALLED' || now <= place.calledAt + place.patience || !isSilent(place, now))
          continue;
        place.state = 'MISSED';
        next -= 1_000 / settings.rate;
        back += 1;
      }
      next = Math.max(next, now);
      if (openedAt === undefined || paused || now < openedAt + SETTLE) return;
      for (const place of byNumber()) {
        if (place.state === 'MISSED' && isBack(place, now) && mayCall(now)) call(place, now);
      }
      for (const place of byNumber().slice(cursor)) {
        if (place.state === 'WAITING') {
          if (isSilent(place, now)) place.state = 'MISSED';
          else if (mayCall(now)) call(place, now);
          else return;
        }
        cursor = place.number;
      }
    },
  };
}
export type QueueOracle = ReturnType<typeof createQueueOracle>;
