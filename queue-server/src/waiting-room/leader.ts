import { durably } from '../steps.ts';
import { type Attendance, createAttendance } from './attendance.ts';
import { createHistory, type History } from './history.ts';
import type { LeaderStore, Outcome } from './leader-store.ts';
import type { Pace } from './pace.ts';
import type { OwnPicture } from './picture.ts';
import { makePlan, type Plan } from './plan.ts';
import { LONGEST_POLL } from './poll.ts';
import type { Stock } from './stock.ts';

export interface LeaderParts {
  /** This process, for those who look. */
  name: string;
  store: LeaderStore;
  pace: Pace;
  /** The room as it is now; undefined where it is no more. */
  refresh: () => Promise<OwnPicture | undefined>;
  /** Draws and opens, if it is time. */
  open: () => Promise<unknown>;
  /** What product-server said last. */
  stock: () => Stock | null;
}

/** What is known from the two streams, and up to where they were read. */
interface Knowledge {
  /** Of the room that it is about. */
  incarnation: string;
  attendance: Attendance;
  presenceId: string;
  history: History;
  admissionsId: string;
}

/**
 * One process's part in leading one room: whoever has the lease lets members in, the others try to get it. All that a leader
 * knows is read from Redis, so that the next one knows the same; all that it does is one script, which does nothing for
 * who has lost the lease, however long ago that was and whatever it believes.
 */
export function createLeader(parts: LeaderParts) {
  const { name, store, pace, refresh, open, stock } = parts;
  /** Fencing token and name while this process believes that it leads. */
  let leader: string | undefined;
  let knowledge: Knowledge | undefined;

  /** Goes on where it ended the last time, whoever has led since, and whatever broke it off. */
  async function read(own: OwnPicture): Promise<Knowledge> {
    if (knowledge?.incarnation !== own.picture.room.incarnation) knowledge = begin(own, pace);
    const known = knowledge;
    for await (const entry of store.presenceAfter(known.presenceId)) {
      known.attendance.note(entry);
      known.presenceId = entry.id;
    }
    for await (const step of store.admissionsAfter(known.admissionsId)) {
      known.history.note(step);
      known.admissionsId = step.id;
    }
    return known;
  }

  async function act(own: OwnPicture, held: string): Promise<Outcome> {
    const { attendance, history } = await read(own);
    const { picture, positions } = own;
    const { room } = picture;
    history.forget(positions.isOver);
    const now = picture.now();
    const plan = makePlan({ now, room, positions, attendance, called: history.called, pace });
    const measures = { measured: history.measured(now), reached: history.reached(room.rate) };
    const lead = { leader: held, lease: pace.lease, incarnation: room.incarnation };
    const step = () => store.step(lead, plan, measures, stock());
    return isCalling(plan) ? durably('admit', step) : step();
  }

  return {
    leads: (): boolean => leader !== undefined,

    /** Leads for one step, or tries to become the leader. @throws {ProblemError} 503 while Redis is away */
    async step(): Promise<Outcome | 'IDLE'> {
      const own = await refresh();
      if (!own) {
        leader = undefined;
        return 'IDLE';
      }
      if (leader === undefined) {
        if (own.leader() !== '') return 'IDLE';
        leader = await store.acquire(name, pace.lease);
        if (leader === undefined) return 'IDLE';
      }
      const { room, now } = own.picture;
      if (room.state === 'PRE_QUEUE' && room.opensAt !== null && room.opensAt <= now()) {
        await open();
        await refresh();
      }
      const outcome = await act(own, leader);
      if (outcome === 'FENCED') leader = undefined;
      return outcome;
    },

    /** Lets the next one lead at once. */
    async resign(): Promise<void> {
      const held = leader;
      leader = undefined;
      if (held !== undefined) await store.resign(held);
    },
  };
}
export type Leader = ReturnType<typeof createLeader>;

const isCalling = ({ walk, recall }: Plan): boolean => walk.length + recall.length > 0;

/** A new leader reads back as far as any decision goes. */
function begin({ picture }: OwnPicture, pace: Pace): Knowledge {
  const { slack, gap, reclaim } = pace;
  const back = Math.max(picture.room.grace * 1_000, LONGEST_POLL + slack, reclaim) + gap;
  const since = String(Math.max(0, Math.floor(picture.now() - back)));
  return {
    incarnation: picture.room.incarnation,
    attendance: createAttendance(pace),
    presenceId: since,
    history: createHistory(),
    admissionsId: since,
  };
}
