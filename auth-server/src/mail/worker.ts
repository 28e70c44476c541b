import { setTimeout as delay } from 'node:timers/promises';
import { runInContext, traceparentFrom } from '@doa-market/common/context';
import type { Logger } from '@doa-market/common/logging';
import type { MailJob, MailKind } from './jobs.ts';
import type { Mail, Mailer } from './mailer.ts';
import type { Outbox } from './outbox.ts';

/** Writes the mail of a job, or finds that there is nothing to say to that address. */
export type MailWriter = (email: string) => Promise<Mail | undefined>;

interface WorkerOptions {
  outbox: Outbox;
  mailer: Mailer;
  writers: Record<MailKind, MailWriter>;
  logger: Logger;
  /** Milliseconds between looks at the outbox, when nobody in this process adds to it. */
  interval?: number;
}

const WORKERS = 4;
/** Milliseconds that a stop waits for a mail server; what it has not taken by then is sent by another process. */
const PATIENCE = 3_000;
/** 2 s, 8 s, 32 s ... an hour: about 20 hours in all. */
const MAX_ATTEMPTS = 26;
const delayAfter = (attempt: number) => Math.min(500 * 4 ** attempt, 3_600_000);

/** Sends what the outbox holds, beside the requests: nobody waits for a mail server. */
export function startMailWorker({ outbox, mailer, writers, logger, interval = 500 }: WorkerOptions) {
  const stopped = new AbortController();
  const sleepers = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of sleepers) wake();
  };
  outbox.onAdd(wakeAll);

  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, interval);
      sleepers.add(wake);
    });

  async function send({ kind, email, requestId }: MailJob): Promise<void> {
    const context = {
      requestId,
      traceparent: traceparentFrom(undefined),
      signal: new AbortController().signal,
    };
    await runInContext(context, async () => {
      const mail = await writers[kind](email);
      if (mail) await mailer.send(mail);
      logger.info({ kind, sent: mail !== undefined }, 'mail');
    });
  }

  /** False when there was nothing to do. */
  async function step(): Promise<boolean> {
    const taken = await outbox.take();
    if (!taken) return false;
    const { id, attempt } = taken;
    try {
      await send(taken.open());
    } catch (error) {
      if (attempt < MAX_ATTEMPTS) {
        logger.warn({ err: error, attempt }, 'mail put off');
        await outbox.putOff(id, delayAfter(attempt));
        return true;
      }
      logger.error({ err: error, attempt }, 'mail given up');
    }
    await outbox.remove(id);
    return true;
  }

  async function work(): Promise<void> {
    while (!stopped.signal.aborted) {
      // What cannot be taken, put off or removed now is free again when its lease ends.
      const worked = await step().catch((error: unknown) => {
        logger.debug({ err: error }, 'the outbox is away');
        return false;
      });
      if (!worked && !stopped.signal.aborted) await sleep();
    }
  }

  const workers = Array.from({ length: WORKERS }, work);
  return {
    /** Ends after what is being sent now, unless that takes too long. */
    async close(): Promise<void> {
      stopped.abort();
      wakeAll();
      const enough = new AbortController();
      await Promise.race([
        Promise.all(workers),
        delay(PATIENCE, undefined, { signal: enough.signal, ref: false }),
      ]);
      enough.abort();
      mailer.close();
    },
  };
}
export type MailWorker = ReturnType<typeof startMailWorker>;
