import type { Hold, NewReservation, Reservation } from '@doa-market/common/contracts';
import { invalidFields, ProblemError } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import type { createLanes } from '../consumer/lanes.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { HOLD_SECONDS, holdIsOver, ownerOf } from '../inventory/claim.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Orders } from '../order/creation.ts';
import { toOrder } from '../order/presentation.ts';
import { admissionInUse, orderNotFound } from '../order/refusals.ts';
import type { OrderRepository } from '../order/repository.ts';
import { nameOf } from '../order/write.ts';
import { durably } from '../steps.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import type { Grants } from '../waiting-room/grants.ts';
import type { Permits } from './permits.ts';

interface ReservationParts {
  orders: OrderRepository;
  creation: Orders;
  inventory: Inventory;
  catalogue: Catalogue;
  grants: Pick<Grants, 'isOn' | 'verify'>;
  permits: Permits;
  deliveries: Deliveries;
  inTurn: ReturnType<typeof createLanes>;
}

/** Seats for whoever was let in: all of them or none, and what fails costs neither the place nor the token. */
export function createReservations(parts: ReservationParts) {
  const { orders, creation, inventory, catalogue, grants, permits, deliveries, inTurn } = parts;

  async function present(id: string): Promise<Reservation> {
    const found = await orders.find(id);
    if (!found) throw orderNotFound();
    return { order: toOrder(found, deliveries), permit: permits.permitOf(found.order) };
  }

  /** The admission that it is made with; undefined where the event has no waiting room. @throws {ProblemError} 403, 409 */
  async function admissionFor(
    eventId: string,
    memberId: string,
    token: string | undefined,
  ): Promise<string | undefined> {
    if (!(await grants.isOn(eventId))) return undefined;
    if (token === undefined) throw tokenMissing();
    const { admissionId } = await grants.verify({ eventId, memberId, token });
    if (await orders.hasOpen(admissionId)) throw admissionInUse();
    return admissionId;
  }

  /** @throws {ProblemError} 422: nobody could pay for them */
  async function assertPayable(hold: Hold, amount: number): Promise<void> {
    if (amount > 0) return;
    await durably('compensate', () => inventory.release(hold.id));
    throw invalidFields([{ field: 'seatIds', message: 'cost nothing, so there is nothing to order' }]);
  }

  async function make(
    write: NamedWrite,
    { eventId, seatIds }: NewReservation,
    token?: string,
  ): Promise<Reservation> {
    const earlier = await orders.findByWrite(write);
    if (earlier) return present(earlier);
    const admissionId = await admissionFor(eventId, write.subject, token);
    const event = await catalogue.event(eventId);
    const claim = { owner: ownerOf(write), key: write.key, ttl: HOLD_SECONDS };
    const hold = await durably('hold', () => inventory.holdSeats({ ...claim, eventId, seatIds }));
    if (hold.state !== 'HELD') throw holdIsOver();
    const amount = hold.seats.reduce((sum, { price }) => sum + price, 0);
    await assertPayable(hold, amount);
    const id = await creation.create({
      ...{ write, hold, amount, admissionId },
      kind: 'SEATS',
      title: `${event.title} · ${hold.seats.length}석`,
      event: { id: eventId, startsAt: new Date(event.startsAt) },
      seats: hold.seats.map(({ seatId, section, row, number, grade, price }) => ({
        ...{ seatId, section, row, number, grade },
        unitPrice: price,
      })),
    });
    return present(id);
  }

  return {
    /** @throws {ProblemError} 403 QUE_4030, 404, 409 INV_4090, INV_4091, INV_4093, ORD_4093, 422 {UpstreamError} */
    reserve: (write: NamedWrite, wish: NewReservation, token?: string): Promise<Reservation> =>
      inTurn(nameOf(write), () => make(write, wish, token)),
  };
}
export type Reservations = ReturnType<typeof createReservations>;

const tokenMissing = () =>
  new ProblemError(403, 'QUE_4030', 'The event has a waiting room: its token is required in X-Queue-Token.');
