import { ORDER_STREAM, type OrderEvent } from '@doa-market/common/contracts';
import { groupState, orderEventIn } from '@doa-market/common/events';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis } from '@doa-market/common/redis';

/** The readers that bring orders to their end. */
const GROUP = 'fulfilment';
/** Milliseconds */
const TIMEOUT = 10_000;

/** The stream of order events, as somebody sees it who only looks. */
export async function watchStream(url: string) {
  const name = 'crash-audit';
  const redis = createRedis(url, { name, logger: createLogger({ name, level: 'silent' }), timeout: TIMEOUT });
  await connectRedis(redis);
  return {
    /** Everything that was ever put on it. @throws where something is no event */
    async events(): Promise<OrderEvent[]> {
      const entries = await redis.xrange(ORDER_STREAM, '-', '+');
      return entries.map(([id, fields]) => {
        const event = orderEventIn(fields);
        if (!event) throw new Error(`${id} is no event: ${fields}`);
        return event;
      });
    },
    /** What is left to be read, and what was read and is not done. */
    group: () => groupState(redis, { stream: ORDER_STREAM, group: GROUP }),
    stop: () => redis.disconnect(),
  };
}
