import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis } from '@doa-market/common/redis';
import { createApplied } from './applied.ts';
import { createApply } from './apply.ts';
import { consume } from './consumer.ts';
import { createFreshnessFigures } from './figures.ts';
import { createReconciliation, type SentEvents } from './reconcile.ts';
import { createSteps, type StepsConfig } from './steps.ts';
import { createStream, freshnessState } from './stream.ts';

interface FreshnessOptions {
  config: StepsConfig & { REDIS_URL: string };
  logger: Logger;
  metrics: Metrics;
  sentEvents: SentEvents;
}

/** Milliseconds: longer than a read waits. */
const TIMEOUT = 3_000;
/** Milliseconds between two looks whether a round of reconciliation is due. */
const LOOK_EVERY = 5_000;

/** Keeps every cache as fresh as the catalogue: a change reaches all of them as soon as its event is on the stream. */
export function createFreshness({ config, logger, metrics, sentEvents }: FreshnessOptions) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const connection = (name: string) => createRedis(config.REDIS_URL, { name, logger, timeout: TIMEOUT });
  const redis = connection('freshness');
  const reading = connection('freshness-reader');
  const figures = createFreshnessFigures(metrics, () => freshnessState(redis));
  const { steps, close } = createSteps(redis, config);
  const apply = createApply({ steps, logger, figures, signal });
  const applied = createApplied(redis);
  const stream = createStream(reading, randomUUID());
  const reconciliation = createReconciliation({ redis, sentEvents, apply, applied, logger, figures });

  async function reconcileForEver(): Promise<void> {
    let round = reconciliation.reconcile;
    while (!signal.aborted) {
      try {
        await round();
        await stream.forgetGone();
        round = reconciliation.reconcileInTurn;
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'it is not known whether changes were missed');
      }
      await delay(LOOK_EVERY, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  let working: Promise<unknown> = Promise.resolve();
  return {
    async start(): Promise<void> {
      await Promise.all([connectRedis(redis), connectRedis(reading)]);
      working = Promise.all([
        consume({ stream, apply, applied, logger, figures, signal }),
        reconcileForEver(),
      ]);
    },
    /** Ends after what is being applied, or leaves it to another process. */
    async close(): Promise<void> {
      stopping.abort();
      await working;
      await stream.leave().catch(() => undefined);
      redis.disconnect();
      reading.disconnect();
      await close();
    },
  };
}
