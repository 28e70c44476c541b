import { setTimeout as delay } from 'node:timers/promises';
import type { OrderEvent } from '@doa-market/common/contracts';
import { isDatabaseOutage } from '@doa-market/common/database';
import { UpstreamError } from '@doa-market/common/http';
import { AlreadyHandled } from './handled.ts';

/** Failures, or processes that were killed over it, after which an event is put aside. */
export const ATTEMPTS = 3;
/** Milliseconds of the first pause after a failure; each further one is three times as long. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;
/** Milliseconds for which what is away around us is not the event's fault. */
const PATIENCE = 120_000;

export type Outcome = { outcome: 'handled' | 'repeated' | 'left' } | { outcome: 'dead'; reason: string };

interface AttemptOptions {
  handle: (event: OrderEvent) => Promise<void>;
  /** Aborted when this process stops: the event is left to another. */
  signal: AbortSignal;
  onFailure: (error: unknown, event: OrderEvent) => void;
}

/** Whether the database or another server is away: the same may well succeed later. */
const isOutage = (error: unknown): boolean => error instanceof UpstreamError || isDatabaseOutage(error);

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;

/** Handles an event until it succeeds, or has failed too often. Never throws. */
export async function attempt(
  event: OrderEvent,
  { handle, signal, onFailure }: AttemptOptions,
): Promise<Outcome> {
  const begun = performance.now();
  let failures = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(3 * pause, LONGEST_PAUSE)) {
    if (signal.aborted) return { outcome: 'left' };
    try {
      await handle(event);
      return { outcome: 'handled' };
    } catch (error) {
      if (error instanceof AlreadyHandled) return { outcome: 'repeated' };
      onFailure(error, event);
      if (!isOutage(error) || performance.now() - begun > PATIENCE) failures += 1;
      if (failures === ATTEMPTS) return { outcome: 'dead', reason: reasonOf(error) };
    }
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
