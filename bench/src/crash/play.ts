import { randomUUID } from 'node:crypto';
import { createChance } from '@doa-market/common/testing';
import type { Scope } from '../clean-up.ts';
import { audit } from './audit.ts';
import type { Shop } from './buyer.ts';
import { createClient } from './client.ts';
import { startCrowd } from './crowd.ts';
import type { Memory } from './memory.ts';
import { type CrashPoint, describePoint } from './points.ts';
import { readWorld } from './read-world.ts';
import { settle } from './settle.ts';
import { openTheatre, type Theatre, type TheatreOptions } from './theatre.ts';

interface PlayOptions extends TheatreOptions {
  seed: number;
  points: readonly CrashPoint[];
  /** Buyers at once. */
  buyers: number;
  /** Milliseconds in which a point has to be come to, once the process listens. */
  patience: number;
  report?: (line: string) => void;
}

export interface Play {
  /** Points that were come to, and those that were not. */
  reached: CrashPoint[];
  missed: CrashPoint[];
  /** How often each outcome was a buyer's. */
  outcomes: Map<string, number>;
  /** All that must not be. */
  findings: string[];
  /** What the processes have written. */
  logs: string;
}

/** Of most goods there is enough; of some, and of seats, there is not. */
const PLENTY = 100_000;
const FEW_PER_POINT = 2;
const SEATS_PER_POINT = 6;

/** Falls at each of the points while a crowd buys, waits for the end of everything, and looks what has become of it. */
export async function play(scope: Scope, options: PlayOptions): Promise<Play> {
  const { seed, points, buyers, patience, report = () => undefined } = options;
  const chance = createChance(seed);
  const theatre = await openTheatre(scope, options);
  const shop = await openShop(theatre, points.length);
  await theatre.calm();
  await openRoom(theatre, shop);
  const crowd = startCrowd({ theatre, shop, chance, atOnce: buyers });
  const reached: CrashPoint[] = [];
  const missed: CrashPoint[] = [];
  for (const [index, point] of points.entries()) {
    const begun = performance.now();
    crowd.prefer(point.card);
    await theatre.sandbox.goWrong(point.faults);
    const wasReached = await theatre.play(point, patience);
    (wasReached ? reached : missed).push(point);
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    const what = `${wasReached ? 'done  ' : 'missed'} ${index + 1}/${points.length}`;
    report(`${what} ${describePoint(point)}, ${seconds} s`);
  }
  await theatre.sandbox.goWrong({});
  await theatre.calm();
  const memories = await crowd.end();
  const settled = await settle(theatre, { early: chance.below(2) === 0 });
  const findings = audit(await readWorld({ theatre, shop, memories }));
  if (!settled && findings.length === 0) findings.push('it did not come to its end');
  return { reached, missed, findings, outcomes: countOutcomes(memories), logs: theatre.logs() };
}

async function openShop({ stock }: Theatre, points: number): Promise<Shop> {
  const { id, seatIds } = await stock.event(SEATS_PER_POINT * points);
  const some = FEW_PER_POINT * points;
  const plenty = await stock.skus(2, PLENTY);
  const few = await stock.skus(1, some);
  const units = new Map([
    ...plenty.map((skuId) => [skuId, PLENTY] as const),
    ...few.map((skuId) => [skuId, some] as const),
  ]);
  return { units, eventId: id, seatIds };
}

/** A waiting room in front of the seats, open at once. */
async function openRoom({ url, token }: Theatre, { eventId }: Shop): Promise<void> {
  const operator = createClient(url, await token('ADMIN', randomUUID()));
  const path = `/api/queue/${eventId}`;
  await operator.insist({ method: 'PUT', path, body: { rate: 50, graceSeconds: 60 } });
  const { status } = await operator.insist({ method: 'POST', path: `${path}/open` });
  operator.close();
  if (status !== 200) throw new Error(`the waiting room was not opened: ${status}`);
}

function countOutcomes(memories: readonly Memory[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome } of memories) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}
