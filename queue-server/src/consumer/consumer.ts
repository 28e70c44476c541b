import { randomUUID } from 'node:crypto';
import { ORDER_STREAM } from '@doa-market/common/contracts';
import { createStreamReader, groupState, orderEventIn } from '@doa-market/common/events';
import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis } from '@doa-market/common/redis';
import type { Database } from '../database.ts';
import { watchDeadLetters } from '../dead-letter/figures.ts';
import { createDeadLetterRepository } from '../dead-letter/repository.ts';
import { consume, type Handle } from './consume.ts';
import { createConsumerFigures } from './figures.ts';
import { CONSUMER, sweepHandled, wasHandledIn } from './handled.ts';

interface ConsumerOptions {
  config: { REDIS_URL: string };
  database: Database;
  handle: Handle;
  logger: Logger;
  metrics: Metrics;
  /** Milliseconds until it takes over what others have left. */
  settledAfter?: number;
}

/** Milliseconds: longer than a read waits. */
const TIMEOUT = 3_000;
/**
 * Milliseconds: far longer than a process that lives is ever silent, for whoever is silent counts as killed. Orders do not
 * wait for it: what is left to do of them is found in the database sooner.
 */
const ABANDONED = 15_000;
/** Milliseconds: who ends of itself at its start, again and again, has mostly done so by then. */
const SETTLED = 5_000;

/** Brings each order on when something has happened to it, together with the other queue-servers. */
export function createConsumer(options: ConsumerOptions) {
  const { config, database, handle, logger, metrics, settledAfter = SETTLED } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const connection = (name: string) => createRedis(config.REDIS_URL, { name, logger, timeout: TIMEOUT });
  const redis = connection('consumer');
  const waiting = connection('consumer-reader');
  const deadLetters = createDeadLetterRepository(database);
  watchDeadLetters(metrics, deadLetters);
  const group = {
    ...{ stream: ORDER_STREAM, group: CONSUMER, reader: randomUUID() },
    ...{ eventIn: orderEventIn, abandonedAfter: ABANDONED },
  };
  const stream = createStreamReader({ ...group, redis });
  const reading = createStreamReader({ ...group, redis: waiting });
  const figures = createConsumerFigures(metrics, () => groupState(redis, group));

  let working: Promise<void> | undefined;
  return {
    async start(): Promise<void> {
      await Promise.all([connectRedis(redis), connectRedis(waiting)]);
      working = consume({
        reading,
        stream,
        handle,
        wasHandled: wasHandledIn(database),
        deadLetters,
        logger,
        figures,
        signal,
        settledAfter,
      });
    },
    jobs: [
      { name: 'forget handled events', every: 600_000, run: () => sweepHandled(database) },
      { name: 'forget readers that are gone', every: 600_000, run: forgetGone },
    ],
    /** Ends after what is being handled; another process does the rest. */
    async close(): Promise<void> {
      stopping.abort();
      await working;
      if (working) await stream.leave().catch(() => undefined);
      redis.disconnect();
      waiting.disconnect();
    },
  };

  async function forgetGone(): Promise<number> {
    if (working) await stream.forgetGone();
    return 0;
  }
}
