import { grown } from './grown.ts';
import type { Pace } from './pace.ts';
import type { Sighting } from './packed.ts';
import { LONGEST_POLL } from './poll.ts';

/** One entry of the presence stream: what one process had seen since its last one. Milliseconds of Redis' clock. */
export interface PresenceEntry {
  at: number;
  /** The last receipt that the process knew of. */
  arrivals: number;
  sightings: Iterable<Sighting>;
}

/** Where nobody at all is seen who was to come, so many have not all gone away: it is the way to us that is broken. */
const CROWD = 10;

/**
 * Who is there, as the leader knows it from the entries of all processes. Every process writes one a second even if it
 * has seen nobody; so where there is none for a while, nobody could be seen, and it is nobody's fault.
 */
export function createAttendance({ gap, slack }: Pick<Pace, 'gap' | 'slack'>) {
  let seenAt = new Float64Array(1_024);
  let dueAt = new Float64Array(1_024);
  /** All have been seen then: since the waiting room came back, or as far back as is known. */
  let horizon = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let known = 0;
  /** When anybody was seen, and how many were to come then. */
  let heardAt = Number.NEGATIVE_INFINITY;
  let crowd = { at: Number.NaN, size: 0 };
  /** Nobody loses a place for what was before: who wanted to come could not. */
  let reachableSince = 0;

  function reach(receipt: number): void {
    if (receipt < seenAt.length) return;
    seenAt = grown(seenAt, receipt);
    dueAt = grown(dueAt, receipt);
  }

  function sight(receipt: number, at: number, told: number): void {
    reach(receipt);
    seenAt[receipt] = at;
    dueAt[receipt] = at + told;
  }

  const dueOf = (receipt: number) => Math.max(dueAt[receipt] ?? 0, horizon + LONGEST_POLL) + slack;
  const canJudge = (receipt: number, now: number) => receipt <= known && now - lastAt <= gap;

  function crowdThen(): number {
    if (crowd.at !== heardAt) {
      crowd = { at: heardAt, size: 0 };
      for (let receipt = 1; receipt <= known; receipt += 1) {
        if ((dueAt[receipt] ?? 0) + slack >= heardAt) crowd.size += 1;
      }
    }
    return crowd.size;
  }
  const isCutOff = (now: number) => now - heardAt > LONGEST_POLL + slack && crowdThen() >= CROWD;

  function hear(at: number): void {
    if (at <= heardAt) return;
    if (isCutOff(at)) reachableSince = at;
    heardAt = at;
  }

  return {
    note({ at, arrivals, sightings }: PresenceEntry): void {
      if (at - lastAt > gap) horizon = at;
      lastAt = Math.max(lastAt, at);
      // Whoever entered was told when to come; a process that is killed takes that with it.
      for (; known < arrivals; known += 1) sight(known + 1, at, LONGEST_POLL);
      for (const { receipt, told } of sightings) {
        hear(at);
        if (receipt <= known) sight(receipt, at, told * 1_000);
      }
    },
    /** Did not come when told to. */
    isSilent: (receipt: number, now: number): boolean => canJudge(receipt, now) && now > dueOf(receipt),
    /** Has come when told to, in fact: this is what brings somebody back who was missed. */
    isBack: (receipt: number, now: number): boolean =>
      canJudge(receipt, now) && now <= (dueAt[receipt] ?? 0) + slack,
    /** Was not seen for longer than the grace, although told to come. @param grace milliseconds */
    isLost(receipt: number, now: number, grace: number): boolean {
      if (!canJudge(receipt, now) || isCutOff(now)) return false;
      const seen = Math.max(seenAt[receipt] ?? 0, horizon, reachableSince);
      return now > Math.max(seen + grace, dueOf(receipt));
    },
  };
}
export type Attendance = ReturnType<typeof createAttendance>;
