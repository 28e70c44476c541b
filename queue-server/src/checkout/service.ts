import type { Address, Delivery, NewOrder, Order } from '@doa-market/common/contracts';
import type { NamedWrite } from '@doa-market/common/server';
import type { createLanes } from '../consumer/lanes.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { HOLD_SECONDS, holdIsOver, ownerOf } from '../inventory/claim.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Orders } from '../order/creation.ts';
import { toOrder } from '../order/presentation.ts';
import { orderNotFound } from '../order/refusals.ts';
import type { OrderRepository } from '../order/repository.ts';
import { nameOf } from '../order/write.ts';
import { durably } from '../steps.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import type { Members } from '../upstream/members.ts';
import { amountOf, atPricesOf, linesOf, titleOfAll } from './lines.ts';

interface CheckoutParts {
  orders: OrderRepository;
  creation: Orders;
  inventory: Inventory;
  catalogue: Catalogue;
  members: Members;
  deliveries: Deliveries;
  inTurn: ReturnType<typeof createLanes>;
}

/** Orders of goods: what they cost is for the stock to say, and has to be what the buyer has seen. */
export function createCheckout(parts: CheckoutParts) {
  const { orders, creation, inventory, catalogue, members, deliveries, inTurn } = parts;

  async function present(id: string): Promise<Order> {
    const found = await orders.find(id);
    if (!found) throw orderNotFound();
    return toOrder(found, deliveries);
  }

  async function orRelease<T>(holdId: string, check: () => T): Promise<T> {
    try {
      return check();
    } catch (error) {
      await durably('compensate', () => inventory.release(holdId));
      throw error;
    }
  }

  async function make(write: NamedWrite, { items, addressId, amount: seen }: NewOrder): Promise<Order> {
    const earlier = await orders.findByWrite(write);
    if (earlier) return present(earlier);
    const [offers, address] = await Promise.all([
      catalogue.offers(items.map(({ skuId }) => skuId)),
      members.address(write.subject, addressId),
    ]);
    const offered = linesOf(items, offers);
    // Nothing is put by for who would be refused anyway.
    amountOf(offered, seen);
    const claim = { owner: ownerOf(write), key: write.key, ttl: HOLD_SECONDS };
    const hold = await durably('hold', () => inventory.holdItems({ ...claim, items }));
    if (hold.state !== 'HELD') throw holdIsOver();
    const lines = atPricesOf(hold, offered);
    const amount = await orRelease(hold.id, () => amountOf(lines, seen));
    const id = await creation.create({
      ...{ write, hold, amount },
      kind: 'GOODS',
      title: titleOfAll(lines),
      items: lines,
      delivery: toDelivery(address),
    });
    return present(id);
  }

  return {
    /** @throws {ProblemError} 409 INV_4090, INV_4091, ORD_4091, 422 {UpstreamError} */
    order: (write: NamedWrite, wish: NewOrder): Promise<Order> =>
      inTurn(nameOf(write), () => make(write, wish)),
  };
}
export type Checkout = ReturnType<typeof createCheckout>;

const toDelivery = ({ recipient, phone, postcode, roadAddress, detail }: Address): Delivery => ({
  ...{ recipient, phone, postcode, roadAddress, detail },
});
