import { AvailabilitySchema, type Hold, HoldSchema } from '@doa-market/common/contracts';
import type { Upstream } from '../upstream/clients.ts';
import { orRefusal } from '../upstream/refusal.ts';
import type { Inventory } from './inventory.ts';

/** The stock of product-server, over its internal API. */
export function createInventory({ client, serviceToken }: Upstream): Inventory {
  async function post(path: string, body?: object): Promise<Hold> {
    const bearer = await serviceToken();
    return orRefusal(client.post(`/internal/v1${path}`, HoldSchema, body, { bearer }));
  }

  return {
    holdItems: ({ owner, key, ttl, items }) => post('/holds', { owner, key, ttl, items }),
    holdSeats: ({ eventId, owner, key, ttl, seatIds }) =>
      post(`/events/${eventId}/holds`, { owner, key, ttl, seatIds }),
    async find(holdId) {
      const bearer = await serviceToken();
      return orRefusal(client.get(`/internal/v1/holds/${holdId}`, HoldSchema, { bearer }));
    },
    extend: (holdId, ttl) => post(`/holds/${holdId}/extend`, { ttl }),
    confirm: (holdId) => post(`/holds/${holdId}/confirm`),
    release: (holdId) => post(`/holds/${holdId}/release`),
    giveBack: (holdId) => post(`/holds/${holdId}/return`),
    async availability(eventId) {
      const bearer = await serviceToken();
      const path = `/internal/v1/events/${eventId}/availability`;
      return orRefusal(client.get(path, AvailabilitySchema, { bearer }));
    },
  };
}
