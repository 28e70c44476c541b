import type { Hold, NewSeatHold } from '@doa-market/common/contracts';
import { invalidFields, notFound, ProblemError } from '@doa-market/common/errors';
import { notAvailable } from '../inventory/refusals.ts';
import type { Holds } from '../inventory/service.ts';
import type { EventRepository } from './repository.ts';
import { type SeatGate, tokenOf } from './seat-gate.ts';
import { createTurnstile } from './turnstile.ts';

interface SeatHoldParts {
  holds: Holds;
  events: EventRepository;
  gate: SeatGate;
}

const seatsOf = ({ eventId, seats }: Hold) =>
  eventId ? { eventId, seatIds: seats.map(({ seatId }) => seatId) } : undefined;

const timeLeft = ({ expiresAt }: Hold): number => Date.parse(expiresAt) - Date.now();

/** Holds of seats, which come through the gate first, and the verbs of all holds that keep it true. */
export function createSeatHolds({ holds, events, gate }: SeatHoldParts) {
  const turnstile = createTurnstile();

  async function mirror(hold: Hold): Promise<void> {
    const seats = seatsOf(hold);
    if (!seats) return;
    if (hold.state === 'CONFIRMED') await gate.sell(seats);
    else if (hold.state === 'RETURNED') await gate.takeBack(seats);
    else if (hold.state === 'HELD' && timeLeft(hold) > 0) {
      await gate.hold(seats, tokenOf(hold), timeLeft(hold));
    } else await gate.drop(seats, tokenOf(hold));
  }

  async function mirrored(change: Promise<Hold>): Promise<Hold> {
    const hold = await change;
    await mirror(hold);
    return hold;
  }

  /** Who was refused gives up the claim, and leaves word of who has what it came for: nobody else need ask. */
  async function giveWay(eventId: string, seatIds: readonly string[], token: string): Promise<void> {
    const holders = await events.findHolders(seatIds);
    for (const { seatId, sold, left, ...holder } of holders) {
      const seat = { eventId, seatIds: [seatId] };
      if (sold) await gate.sell(seat);
      else if (left > 0) await gate.correct(seat, token, tokenOf(holder), left);
    }
    await gate.drop({ eventId, seatIds }, token);
  }

  /** @throws {ProblemError} 404, 409 when it is not on sale or a seat is not one of its, 422 for too many */
  async function assertOnSale(eventId: string, seatIds: readonly string[]): Promise<void> {
    const sale = await events.findSale(eventId, seatIds);
    if (!sale) throw notFound('The event');
    if (!sale.open) throw new ProblemError(409, 'INV_4093', 'The event is not on sale.');
    if (seatIds.length > sale.orderLimit) {
      throw invalidFields([
        { field: 'seatIds', message: `must not have more than ${sale.orderLimit} seats` },
      ]);
    }
    if (sale.strangers.length > 0) throw takenBefore(sale.strangers);
  }

  async function pastTheTurnstile(eventId: string, wish: NewSeatHold, token: string): Promise<Hold> {
    const { seatIds, ...claim } = wish;
    const seats = { eventId, seatIds };
    const taken = await gate.claim(seats, token);
    if (taken.length > 0) throw takenBefore(taken);
    try {
      const lines = seatIds.map((id) => ({ id, quantity: 1 }));
      const admit = () => assertOnSale(eventId, seatIds);
      return await mirrored(holds.hold({ ...claim, shelf: 'seat', lines, admit }));
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'INV_4090') await giveWay(eventId, seatIds, token);
      else await gate.drop(seats, token);
      throw error;
    }
  }

  return {
    find: holds.find,
    hold: holds.hold,
    extend: (id: string, ttl: number) => mirrored(holds.extend(id, ttl)),
    confirm: (id: string) => mirrored(holds.confirm(id)),

    async release(id: string): Promise<Hold> {
      const hold = await holds.find(id);
      const seats = seatsOf(hold);
      if (seats && hold.state === 'HELD') await gate.beforeDrop(seats, tokenOf(hold));
      return mirrored(holds.release(id));
    },

    /** Takes back what was sold. */
    async giveBack(id: string): Promise<Hold> {
      const hold = await holds.find(id);
      const seats = seatsOf(hold);
      if (seats && hold.state === 'CONFIRMED') await gate.beforeReturn(seats);
      return mirrored(holds.giveBack(id));
    },

    /** All seats for one order, or none. @throws {ProblemError} 404, 409, 422 */
    async holdSeats(eventId: string, wish: NewSeatHold): Promise<Hold> {
      const token = tokenOf(wish);
      const crowded = turnstile.enter(wish.seatIds, token);
      if (crowded.length > 0) throw takenBefore(crowded);
      try {
        return await pastTheTurnstile(eventId, wish, token);
      } finally {
        turnstile.leave(wish.seatIds);
      }
    },
  };
}
export type SeatHolds = ReturnType<typeof createSeatHolds>;

const takenBefore = (seatIds: readonly string[]) => notAvailable(seatIds.map((id) => ({ id, available: 0 })));
