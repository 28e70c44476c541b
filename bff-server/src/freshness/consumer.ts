import { setTimeout as delay } from 'node:timers/promises';
import { touchedByAll } from '@doa-market/common/cache-manifest';
import type { CatalogueEvent } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import type { Applied } from './applied.ts';
import { type Apply, StepFailed } from './apply.ts';
import type { FreshnessFigures } from './figures.ts';
import type { Entry, Stream } from './stream.ts';

interface ConsumerOptions {
  stream: Stream;
  apply: Apply;
  applied: Applied;
  logger: Logger;
  figures: FreshnessFigures;
  signal: AbortSignal;
}

/** Milliseconds from one round of purges to the next: what changes meanwhile goes together. */
const PACE = 200;
/** Milliseconds that a read waits at most, and so a process that is stopped. */
const WAIT = 250;
const HOLD_EVERY = 1_000;
const LOOK_EVERY = 1_000;
const PAUSE = 500;
/** Entries that are taken together at most. */
const AT_ONCE = 1_000;

/** Turns events into purges, until it is told to stop. */
export async function consume(options: ConsumerOptions): Promise<void> {
  const { stream, apply, applied, logger, figures, signal } = options;
  let startedAt = 0;
  let lookedAt = 0;

  async function next(): Promise<Entry[]> {
    let abandoned: Entry[] = [];
    if (Date.now() - lookedAt > LOOK_EVERY) {
      lookedAt = Date.now();
      abandoned = await stream.takeOver(AT_ONCE);
    }
    const entries = [...abandoned, ...(await stream.read(AT_ONCE, abandoned.length > 0 ? 0 : WAIT))];
    const early = startedAt + PACE - Date.now();
    if (entries.length === 0 || early <= 0) return entries;
    await delay(early, undefined, { signal }).catch(() => undefined);
    return [...entries, ...(await stream.read(AT_ONCE, 0))];
  }

  async function handle(entries: readonly Entry[]): Promise<void> {
    const events = entries.flatMap(({ event }) => event ?? []);
    startedAt = Date.now();
    const holding = setInterval(() => stream.hold(entries).catch(() => undefined), HOLD_EVERY);
    try {
      if (events.length > 0) await apply(touchedByAll(events));
    } catch (error) {
      // Who stops leaves it to another.
      if (!(error instanceof StepFailed) || signal.aborted) throw error;
      await stream.bury(entries, error.message);
      await stream.done(entries);
      figures.events.inc({ outcome: 'dead' }, entries.length);
      logger.error({ err: error, events: events.map(({ eventId }) => eventId) }, 'changes put aside');
      return;
    } finally {
      clearInterval(holding);
    }
    await applied.add(events);
    await stream.done(entries);
    count(events, entries.length - events.length);
  }

  function count(events: readonly CatalogueEvent[], refused: number): void {
    figures.events.inc({ outcome: 'applied' }, events.length);
    if (refused > 0) figures.events.inc({ outcome: 'refused' }, refused);
    const times = events.map(({ occurredAt }) => Date.parse(occurredAt) / 1_000);
    for (const time of times) figures.delay.observe(Math.max(0, Date.now() / 1_000 - time));
    if (times.length > 0) figures.newest.set(Math.max(...times));
  }

  let failing = false;
  let joined = false;
  while (!signal.aborted) {
    try {
      if (!joined) await stream.ensureGroup();
      joined = true;
      const entries = await next();
      if (entries.length > 0) await handle(entries);
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) logger.warn({ err: error }, 'changes wait on their stream');
      failing = true;
      // Redis may come back without the group.
      joined = false;
      await delay(PAUSE, undefined, { signal }).catch(() => undefined);
    }
  }
}
