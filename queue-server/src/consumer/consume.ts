import { setTimeout as delay } from 'node:timers/promises';
import { requestIdFrom, runInContext, traceparentFrom } from '@doa-market/common/context';
import type { OrderEvent } from '@doa-market/common/contracts';
import type { StreamEntry, StreamReader } from '@doa-market/common/events';
import type { Logger } from '@doa-market/common/logging';
import type { DeadLetterRepository } from '../dead-letter/repository.ts';
import { durably } from '../steps.ts';
import { ATTEMPTS, attempt, type Outcome } from './attempts.ts';
import type { ConsumerFigures } from './figures.ts';
import { CONSUMER, type Mark, markOf } from './handled.ts';
import { createLanes, createLimit } from './lanes.ts';

type Entry = StreamEntry<OrderEvent>;

/** Brings an order on after its event: calls `mark` in the transaction of the effect, and may be repeated. */
export type Handle = (event: OrderEvent, mark: Mark) => Promise<void>;

export interface ConsumeOptions {
  /** Waits for what is new, on a connection that does nothing else. */
  reading: StreamReader<OrderEvent>;
  stream: StreamReader<OrderEvent>;
  handle: Handle;
  wasHandled: (eventId: string) => Promise<boolean>;
  deadLetters: DeadLetterRepository;
  logger: Logger;
  figures: ConsumerFigures;
  signal: AbortSignal;
  /**
   * Milliseconds until what others have left is taken over: a process that has just begun may be about to end of
   * something else, and an event that is in its hands then would be blamed for it.
   */
  settledAfter: number;
}

/** Events that are handled at once, and those that may be waiting for their turn or their next attempt. */
const AT_ONCE = 16;
const TAKEN = 128;
/** Milliseconds that a read waits at most, and so a process that is stopped. */
const WAIT = 250;
const HOLD_EVERY = 1_000;
const LOOK_EVERY = 1_000;
const PAUSE = 500;
const LONG_PAUSE = 5_000;

/** Handles events until it is told to stop; then ends what it is handling, and leaves the rest to others. */
export async function consume(options: ConsumeOptions): Promise<void> {
  const { reading, stream, handle, wasHandled, deadLetters, logger, figures, signal, settledAfter } = options;
  const begun = performance.now();
  const taken = new Map<Entry, Promise<void>>();
  const inTurn = createLanes();
  const limited = createLimit(AT_ONCE);
  /** What another process may have died of: one at a time, so that only the culprit is found here three times. */
  let suspect: Promise<void> | undefined;

  const handleInContext = (event: OrderEvent) =>
    runInContext(
      {
        requestId: requestIdFrom(event.correlationId),
        traceparent: traceparentFrom(undefined),
        signal: NEVER,
      },
      () => durably('consume', () => handle(event, markOf(event.eventId))),
    );

  const attemptInTurn = (event: OrderEvent): Promise<Outcome> =>
    inTurn(event.aggregateId, () =>
      attempt(event, {
        handle: (it) => limited(() => handleInContext(it)),
        signal,
        onFailure(error) {
          figures.failures.inc();
          logger.warn({ err: error, eventId: event.eventId, orderId: event.aggregateId }, 'an event failed');
        },
      }),
    );

  /** Until it is done, or this process stops. */
  async function bury(event: OrderEvent, reason: string): Promise<'dead' | 'left'> {
    logger.error({ alarm: 'DEAD_LETTER', event, reason }, 'an event is put aside');
    while (!signal.aborted) {
      try {
        await deadLetters.bury({ consumer: CONSUMER, event, reason, attempts: ATTEMPTS });
        return 'dead';
      } catch (error) {
        logger.warn({ err: error, eventId: event.eventId }, 'an event could not be put aside');
        await delay(LONG_PAUSE, undefined, { signal }).catch(() => undefined);
      }
    }
    return 'left';
  }

  async function outcomeOf(entry: Entry, again: boolean): Promise<Outcome['outcome'] | 'refused'> {
    const { event } = entry;
    if (!event) return 'refused';
    if (again && (await stream.deliveries(entry)) > ATTEMPTS) {
      // Processes may have ended, or been silent, after its effect as well.
      if (await wasHandled(event.eventId)) return 'repeated';
      return bury(event, `${ATTEMPTS} processes ended while they handled it`);
    }
    const result = await attemptInTurn(event);
    if (result.outcome === 'dead') return bury(event, result.reason);
    if (result.outcome === 'handled') {
      figures.delay.observe(Math.max(0, Date.now() - Date.parse(event.occurredAt)) / 1_000);
    }
    return result.outcome;
  }

  /** Where it cannot be brought to an end, because Redis or the database is away, it is taken up again later. */
  async function work(entry: Entry, again: boolean): Promise<void> {
    try {
      const outcome = await outcomeOf(entry, again);
      if (outcome === 'left') return stream.giveBack([entry]);
      await stream.done([entry]);
      figures.events.inc({ outcome });
    } catch (error) {
      logger.warn({ err: error, entry: entry.id }, 'an event is taken up again later');
    }
  }

  function take(entry: Entry, again: boolean): Promise<void> {
    const working = work(entry, again).finally(() => taken.delete(entry));
    taken.set(entry, working);
    return working;
  }

  let lookedAt = Number.NEGATIVE_INFINITY;
  async function takeOver(): Promise<void> {
    if (performance.now() - begun < settledAfter) return;
    if (suspect || performance.now() - lookedAt < LOOK_EVERY) return;
    const [entry] = await stream.takeOver(1);
    if (!entry) lookedAt = performance.now();
    else {
      suspect = take(entry, true).finally(() => {
        suspect = undefined;
      });
    }
  }

  async function step(): Promise<void> {
    await takeOver();
    const room = TAKEN - taken.size;
    if (room === 0) await Promise.race(taken.values());
    else for (const entry of await reading.read(room, WAIT)) take(entry, false);
  }

  const holding = setInterval(() => stream.hold([...taken.keys()]).catch(() => undefined), HOLD_EVERY);
  let failing = false;
  let joined = false;
  while (!signal.aborted) {
    try {
      if (!joined) await stream.ensureGroup();
      joined = true;
      await step();
      failing = false;
    } catch (error) {
      if (signal.aborted) break;
      if (!failing) logger.warn({ err: error }, 'events wait on their stream');
      failing = true;
      // Redis may come back without the group.
      joined = false;
      await delay(PAUSE, undefined, { signal }).catch(() => undefined);
    }
  }
  await Promise.all(taken.values());
  clearInterval(holding);
}

const NEVER = new AbortController().signal;
