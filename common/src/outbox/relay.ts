import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging/index.ts';
import { createAlarm } from './alarm.ts';
import type { OutboxDatabase } from './database.ts';
import type { OutboxFigures } from './figures.ts';
import { type Destination, forwardBatch } from './forward.ts';

interface RelayOptions extends Destination {
  /** Of the server. */
  name: string;
  database: OutboxDatabase;
  /** The same database, for a connection that listens. */
  databaseUrl: string;
  logger: Logger;
  figures: OutboxFigures;
  /** Milliseconds after which the outbox is looked at although nobody said that there is something in it. */
  interval?: number | undefined;
}

const BATCH = 200;
/** Milliseconds of the first pause after a failure; each further one doubles it. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;
/** Milliseconds between two looks for what was sent too long ago to be asked for. */
const SWEEP_EVERY = 60_000;
/** A reader has so long to ask what was sent. */
const SWEEP = `DELETE FROM sent_events WHERE sent_at < now() - interval '15 minutes'`;

/**
 * Brings committed events to the stream, each at least once, in about the order of their commits. Any number of
 * processes may do it at once: each takes rows that no other one has.
 */
export function startRelay(options: RelayOptions) {
  const { name, database, databaseUrl, logger, figures, interval = 500, ...destination } = options;
  let stopped = false;
  /** The pause that is being made, and whether the bell ends it. */
  let pause: { end: () => void; woken: boolean } | undefined;
  let rung = false;
  let failed = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const alarm = createAlarm({
    url: databaseUrl,
    name: `${name}-outbox`,
    logger,
    ring() {
      rung = true;
      if (pause?.woken) pause.end();
    },
  });

  /** Until the bell, for `time` at most; only the time counts while something is wrong. */
  async function rest(time: number, woken: boolean): Promise<void> {
    if (stopped || (woken && rung)) return;
    const early = new AbortController();
    pause = { end: () => early.abort(), woken };
    await delay(time, undefined, { signal: early.signal, ref: false }).catch(() => undefined);
    pause = undefined;
  }

  async function sweep(): Promise<void> {
    if (performance.now() - sweptAt < SWEEP_EVERY) return;
    sweptAt = performance.now();
    await database.$executeRawUnsafe(SWEEP);
  }

  /** @returns whether there may be more */
  async function step(): Promise<boolean> {
    rung = false;
    const { sent, refused } = await forwardBatch(database, destination, BATCH);
    figures.sent.inc(sent);
    figures.refused.inc(refused.length);
    if (refused.length > 0) logger.error({ events: refused }, 'not events by the contract');
    await sweep();
    return sent + refused.length === BATCH;
  }

  async function work(): Promise<void> {
    while (!stopped) {
      try {
        const more = await step();
        if (failed > 0) logger.info('events are on their way again');
        failed = 0;
        if (!more) await rest(interval, true);
      } catch (error) {
        figures.failures.inc();
        if (failed === 0) logger.warn({ err: error }, 'events wait in the outbox');
        await rest(Math.min(FIRST_PAUSE * 2 ** failed, LONGEST_PAUSE), false);
        failed += 1;
      }
    }
  }

  const working = work();
  return {
    /** Ends after the batch that is being sent. */
    async close(): Promise<void> {
      stopped = true;
      pause?.end();
      await alarm.close();
      await working;
    },
  };
}
export type Relay = ReturnType<typeof startRelay>;
