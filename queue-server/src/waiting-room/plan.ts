import type { Attendance } from './attendance.ts';
import type { Call } from './history.ts';
import { batchOf, type Pace } from './pace.ts';
import type { Positions } from './positions.ts';
import type { Room } from './room.ts';

/** How many numbers a step looks at, and how many places it ends: a script that takes all of Redis' time is none. */
const REACH = 10_000;
const LOST = 2_000;

export interface PlanQuestion {
  /** Milliseconds of Redis' clock. */
  now: number;
  room: Room;
  positions: Positions;
  attendance: Pick<Attendance, 'isSilent' | 'isBack' | 'isLost'>;
  /** Who was called and has not claimed. */
  called: ReadonlyMap<number, Call>;
  pace: Pick<Pace, 'settle' | 'claim' | 'reclaim'>;
}

/** What a leader wants to be done, by receipts. The script does as much of it as the budget allows, from the front. */
export interface Plan {
  /** The cursor that this was thought out for. */
  from: number;
  /** Was silent for longer than the grace. */
  lost: number[];
  /** Was called, and did not come. */
  overdue: number[];
  /** Was missed, and is there again: lowest number first. */
  recall: number[];
  /** `[number, receipt, 1]` is called, `[number, receipt, 0]` is not there. */
  walk: [number: number, receipt: number, called: 0 | 1][];
  /** The cursor when all of the walk was done. */
  to: number;
  /** How many who wait were there when told to. */
  present: number;
}

export function makePlan(question: PlanQuestion): Plan {
  const { room } = question;
  return {
    from: room.cursor,
    overdue: overdueOf(question),
    ...attended(question),
    ...(mayCall(question) ? calls(question) : { recall: [], walk: [], to: room.cursor }),
  };
}

function mayCall({ now, room, pace }: PlanQuestion): boolean {
  if (room.state !== 'OPEN' || room.openedAt === null || room.stock === 0) return false;
  return now >= room.openedAt + pace.settle;
}

function overdueOf({ now, positions, attendance, called, pace }: PlanQuestion): number[] {
  const isOpen = (receipt: number) => !positions.isOver(receipt) && !positions.is('missed', receipt);
  const isLate = ({ at, again }: Call) => now > at + (again ? pace.reclaim : pace.claim);
  return [...called]
    .filter(([receipt, call]) => isOpen(receipt) && isLate(call) && attendance.isSilent(receipt, now))
    .map(([receipt]) => receipt);
}

function attended({ now, room, positions, attendance }: PlanQuestion): Pick<Plan, 'lost' | 'present'> {
  const lost: number[] = [];
  let present = 0;
  for (let receipt = 1; receipt <= room.arrivals; receipt += 1) {
    if (positions.isOver(receipt)) continue;
    if (!attendance.isSilent(receipt, now)) present += 1;
    else if (lost.length < LOST && attendance.isLost(receipt, now, room.grace * 1_000)) lost.push(receipt);
  }
  return { lost, present };
}

function calls({ now, room, positions, attendance }: PlanQuestion): Pick<Plan, 'recall' | 'walk' | 'to'> {
  const batch = batchOf(room.rate);
  const numberOf = (receipt: number) => positions.numberOf(receipt) ?? Number.POSITIVE_INFINITY;
  const recall = [...positions.missed]
    .filter((receipt) => !positions.is('gone', receipt) && attendance.isBack(receipt, now))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .slice(0, batch);

  const walk: Plan['walk'] = [];
  const end = Math.min(room.arrivals, room.cursor + REACH);
  let to = room.cursor;
  for (let left = batch - recall.length; to < end; to += 1) {
    const number = to + 1;
    const receipt = positions.receiptOf(number);
    if (receipt === null) break;
    if (positions.is('gone', receipt)) continue;
    const there = !attendance.isSilent(receipt, now);
    // Who is not there is passed as far as the next one who is.
    if (there && left === 0) break;
    if (there) left -= 1;
    walk.push([number, receipt, there ? 1 : 0]);
  }
  return { recall, walk, to };
}
