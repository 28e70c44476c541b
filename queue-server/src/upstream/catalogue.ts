import {
  type EventDetail,
  EventDetailSchema,
  type SkuOffer,
  SkuOfferListSchema,
} from '@doa-market/common/contracts';
import type { Upstream } from './clients.ts';
import { orRefusal } from './refusal.ts';

/** Milliseconds for which what was read of an event is good enough: all who reserve at once want the same. */
const EVENT_LIFETIME = 5_000;
const MOST_EVENTS = 1_000;

/** What product-server says to everybody, in the words of orders. */
export function createCatalogue({ client }: Upstream) {
  const events = new Map<string, { event: EventDetail; until: number }>();

  return {
    /** @throws {ProblemError} 404 {UpstreamError} */
    async event(id: string): Promise<EventDetail> {
      const known = events.get(id);
      if (known && performance.now() < known.until) return known.event;
      const event = await orRefusal(client.get(`/api/v1/events/${id}`, EventDetailSchema));
      if (events.size >= MOST_EVENTS) events.clear();
      events.set(id, { event, until: performance.now() + EVENT_LIFETIME });
      return event;
    },

    /** What is sold of these SKUs, at the prices of this moment, by id. @throws {UpstreamError} */
    async offers(skuIds: readonly string[]): Promise<ReadonlyMap<string, SkuOffer>> {
      const path = `/api/v1/skus?ids=${skuIds.join(',')}`;
      const { data } = await orRefusal(client.get(path, SkuOfferListSchema));
      return new Map(data.map((offer) => [offer.id, offer]));
    },
  };
}
export type Catalogue = ReturnType<typeof createCatalogue>;
