import { randomUUID } from 'node:crypto';
import { type Cart, CartSchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import type { Answer, Call, Shop } from './shop.ts';

export const cartIn = (answer: Answer): Cart => Value.Parse(CartSchema, answer.body);
/** How many units of what. */
export const linesIn = (answer: Answer): Record<string, number> =>
  Object.fromEntries(cartIn(answer).lines.map(({ skuId, quantity }) => [skuId, quantity]));

/** Somebody with a cart: a guest unless said otherwise. */
export async function shopper(shop: Shop, role = 'GUEST', id: string = randomUUID()) {
  const token = await shop.authority.token(role, id);
  const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
  return {
    id,
    token,
    cart: () => send('GET', '/api/cart'),
    add: (skuId: string, quantity: number, headers: Record<string, string> = {}) =>
      send('POST', '/api/cart/items', { body: { skuId, quantity }, headers }),
    set: (skuId: string, quantity: number, headers: Record<string, string> = {}) =>
      send('PUT', `/api/cart/items/${skuId}`, { body: { quantity }, headers }),
    remove: (skuId: string, headers: Record<string, string> = {}) =>
      send('DELETE', `/api/cart/items/${skuId}`, { headers }),
    clear: (headers: Record<string, string> = {}) => send('DELETE', '/api/cart', { headers }),
    merge: (guestToken: unknown) => send('POST', '/api/cart/merge', { body: { guestToken } }),
    send,
  };
}
