import { randomUUID } from 'node:crypto';
import type { Order, Payment, PaymentSession, Reservation } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { login } from './member.ts';
import { visitor } from './visitor.ts';

interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What is bought next: units of one SKU at its price. */
export interface Goods {
  skuId: string;
  quantity: number;
  amount: number;
}

const DELIVERY = {
  label: '집',
  recipient: '김도아',
  phone: '01012345678',
  postcode: '06236',
  roadAddress: '서울특별시 강남구 테헤란로 152',
};

/** A member who buys, at the storefront's address. */
export async function shopper(email: string, password: string) {
  const who = visitor();
  const signedIn = await login(who, email, password);
  if (!signedIn.ok) throw new Error(`${email} is not let in: ${await signedIn.text()}`);

  async function ask<T>(path: string, call: Call = {}): Promise<T> {
    const response = await who.ask(path, call);
    if (!response.ok) throw new Error(`${call.method ?? 'GET'} ${path}: ${await response.text()}`);
    return response.status === 204 ? ({} as T) : response.json();
  }

  const post = <T>(path: string, body?: object, headers: Record<string, string> = {}) =>
    ask<T>(path, { method: 'POST', ...(body && { body }), headers });

  const keyed = (key: string, token?: string | null) => ({
    'idempotency-key': key,
    ...(token && { 'x-queue-token': token }),
  });

  async function addressId(): Promise<string> {
    const { data } = await ask<{ data: { id: string }[] }>('/api/members/me/addresses');
    if (data[0]) return data[0].id;
    return (await post<{ id: string }>('/api/members/me/addresses', DELIVERY)).id;
  }

  return {
    ask,
    post,
    order: async ({ skuId, quantity, amount }: Goods, key: string = randomUUID()): Promise<Order> =>
      post('/api/orders', { items: [{ skuId, quantity }], addressId: await addressId(), amount }, keyed(key)),
    reserve: (eventId: string, seatIds: string[], token?: string): Promise<Reservation> =>
      post('/api/reservations', { eventId, seatIds }, keyed(randomUUID(), token)),
    pay: (order: Pick<Order, 'id' | 'amount'>, permit?: string | null): Promise<PaymentSession> =>
      post('/api/payments', { orderId: order.id, amount: order.amount }, keyed(randomUUID(), permit)),
    complete: (paymentId: string): Promise<Payment> => post(`/api/payments/${paymentId}/complete`),
    orderIs: (id: string, status: Order['status']): Promise<Order> =>
      until(
        async () => {
          const order = await ask<Order>(`/api/orders/${id}`);
          return order.status === status && order;
        },
        `order ${id} to be ${status}`,
        20_000,
      ),
  };
}
export type Shopper = Awaited<ReturnType<typeof shopper>>;
