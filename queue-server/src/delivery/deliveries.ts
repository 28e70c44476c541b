import { type Delivery, DeliverySchema } from '@doa-market/common/contracts';
import { open, parseKeyRing, placeOf, seal } from '@doa-market/common/personal-data';
import { Compile } from 'typebox/compile';

const delivery = Compile(DeliverySchema);

const place = (orderId: string): string => placeOf('orders', 'delivery', orderId);

/** Where goods go: encrypted at rest, each bound to its order. */
export function createDeliveries({ PII_KEYS }: { PII_KEYS: string }) {
  const keys = parseKeyRing(PII_KEYS);
  return {
    currentKey: keys.current.id,
    seal: (orderId: string, value: Delivery): string => seal(keys, place(orderId), JSON.stringify(value)),
    /** @throws {EnvelopeError} for that of another order, or of a key that is not there */
    open: (orderId: string, envelope: string): Delivery =>
      delivery.Parse(JSON.parse(open(keys, place(orderId), envelope))),
  };
}
export type Deliveries = ReturnType<typeof createDeliveries>;
