import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createChance } from '@doa-market/common/testing';
import type { Scope } from '../clean-up.ts';
import { audit } from '../crash/audit.ts';
import { createClient } from '../crash/client.ts';
import { createMemory, type Memory } from '../crash/memory.ts';
import { readWorld } from '../crash/read-world.ts';
import { settle } from '../crash/settle.ts';
import { openTheatre, type TheatreOptions } from '../crash/theatre.ts';
import { openLeanClient, questionOf } from '../lean-client.ts';
import { watchPace } from './pace.ts';
import { createPredictions } from './predictions.ts';
import { purchase } from './purchase.ts';
import { openSeatMap } from './seat-map.ts';
import { kindOf, visit } from './visitor.ts';

export interface SaleOptions extends TheatreOptions {
  members: number;
  seats: number;
  /** Admissions per second. */
  rate: number;
  /** Seconds in which they come, before the sale opens. */
  arrival: number;
  seed: number;
}

const CONNECTIONS = 64;
/** Milliseconds after the arrival in which everybody sits and waits. */
const HUSH = 1_000;
/** Seconds after the first admission until the room is in its stride. */
const STRIDE = 10;

export type Sale = Awaited<ReturnType<typeof holdSale>>;

/** One sale from the pre-queue to the last seat, with members as they are, and what has become of it. */
export async function holdSale(scope: Scope, options: SaleOptions) {
  const theatre = await openTheatre(scope, options);
  try {
    return await play(theatre, options);
  } catch (error) {
    const file = join(tmpdir(), 'doa-sale.log');
    writeFileSync(file, theatre.logs());
    throw new Error(`the sale broke off; what the processes have written is in ${file}`, { cause: error });
  }
}

async function play(theatre: Theatre, { members, seats, rate, arrival, seed }: SaleOptions) {
  const chance = createChance(seed);
  await theatre.calm();
  const event = await theatre.stock.event(seats);
  const operator = createClient(theatre.url, await theatre.token('ADMIN', randomUUID()));
  const room = `/api/queue/${event.id}`;
  const operate = async (method: 'PUT' | 'POST', path: string, body?: object) => {
    const { status } = await operator.insist({ method, path, ...(body && { body }) });
    if (status !== 200) throw new Error(`${method} ${path}: ${status}`);
  };
  await operate('PUT', room, { rate, capacity: Math.max(members, 1_000), graceSeconds: 60 });

  const origins = theatre.urls().map((url) => new URL(url));
  const doors = await Promise.all(origins.map((origin) => openLeanClient(origin, CONNECTIONS)));
  const seatMap = openSeatMap(theatre.products, event.id);
  const pace = watchPace(operator, event.id);
  const predictions = createPredictions();
  const statuses = new Map<number, number>();
  const memories: Memory[] = [];

  async function member(index: number): Promise<void> {
    const memberId = randomUUID();
    const token = await theatre.token('MEMBER', memberId);
    const memory = createMemory(memberId);
    memories.push(memory);
    await delay(chance.next() * arrival * 1_000);
    const queueToken = await visit(kindOf(chance), chance, {
      place: memory.place,
      ask(verb, tab) {
        const door = (index + tab) % doors.length;
        const url = new URL(`${room}/${verb}`, origins[door]);
        const question = questionOf(verb === 'enter' ? 'POST' : 'GET', url, {
          Authorization: `Bearer ${token}`,
        });
        const client = doors[door];
        if (!client) throw new Error('there is no door');
        return client.ask(question);
      },
      seen: (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1),
      told: (answer) => predictions.note(memberId, answer),
      isOver: pace.isSoldOut,
    });
    if (queueToken === undefined) return;
    const client = createClient(theatre.url, token);
    const turn = { eventId: event.id, queueToken };
    try {
      await purchase(memory, { client, sandbox: theatre.sandbox, seats: seatMap, chance, ...turn });
    } catch (error) {
      memory.outcome = `failed: ${error}`;
    } finally {
      client.close();
    }
  }

  const coming = Promise.all(Array.from({ length: members }, (_, index) => member(index)));
  await delay(arrival * 1_000 + HUSH);
  await operate('POST', `${room}/open`);
  await coming;
  await Promise.all([pace.stop(), seatMap.stop()]);
  for (const door of doors) door.close();
  operator.close();
  const settled = await settle(theatre, { early: true });
  const shop = { units: new Map<string, number>(), eventId: event.id, seatIds: event.seatIds };
  const findings = audit(await readWorld({ theatre, shop, memories }));
  if (!settled) findings.push('it did not come to its end');
  return {
    findings,
    statuses,
    outcomes: countOf(memories.map(({ outcome }) => outcome).filter(Boolean)),
    conflicts: seatMap.conflicts(),
    pace: pace.measured(STRIDE),
    predictions: predictions.rows(),
    ...(await soldOf(theatre, event.id)),
    money: await moneyOf(theatre),
  };
}

type Theatre = Awaited<ReturnType<typeof openTheatre>>;

/** What each of the two databases says was sold. */
async function soldOf({ queues, products }: Theatre, eventId: string) {
  const sold = await products.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM seats WHERE event_id = $1 AND status = 'SOLD'`,
    [eventId],
  );
  const bought = await queues.query<{ count: number; seats: number }>(
    `SELECT count(*)::int AS count, count(DISTINCT seat_id)::int AS seats
     FROM order_seats JOIN orders ON orders.id = order_id WHERE status = 'CONFIRMED'`,
  );
  return { sold: sold.rows[0]?.count ?? 0, tickets: bought.rows[0] ?? { count: 0, seats: 0 } };
}

/** Won, by our books. */
async function moneyOf({ queues }: Theatre) {
  const { rows } = await queues.query<{ captured: number; refunded: number; confirmed: number }>(
    `SELECT (SELECT coalesce(sum(captured), 0)::int FROM payments) AS captured,
            (SELECT coalesce(sum(refunded), 0)::int FROM payments) AS refunded,
            (SELECT coalesce(sum(amount), 0)::int FROM orders WHERE status = 'CONFIRMED') AS confirmed`,
  );
  return rows[0] ?? { captured: 0, refunded: 0, confirmed: 0 };
}

function countOf<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
