import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../logging/index.ts';

/** What the trigger of outbox_events notifies. */
const CHANNEL = 'outbox_events';
/** Milliseconds between two attempts to listen, at first and at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

interface AlarmOptions {
  url: string;
  /** What the connection is called in PostgreSQL's list of them. */
  name: string;
  logger: Logger;
  /** Something was written, or may have been while nobody listened. */
  ring: () => void;
}

/** Hears from PostgreSQL that events were committed, on a connection of its own which it makes again when it is lost. */
export function createAlarm({ url, name, logger, ring }: AlarmOptions) {
  const stopped = new AbortController();
  let client: pg.Client | undefined;

  /** Resolves when the connection is lost. */
  async function listen(onListening: () => void): Promise<void> {
    const own = new pg.Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: 1_000,
      keepAlive: true,
    });
    client = own;
    const ended = new Promise<void>((resolve) => {
      own.once('end', resolve);
      own.once('error', () => resolve());
    });
    own.on('notification', ring);
    try {
      await own.connect();
      await own.query(`LISTEN ${CHANNEL}`);
      onListening();
      ring();
      await ended;
    } finally {
      await own.end().catch(() => undefined);
    }
  }

  async function listenForEver(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!stopped.signal.aborted) {
      await listen(() => {
        pause = FIRST_PAUSE;
      }).catch((error: unknown) => logger.debug({ err: error }, 'nobody listens for events'));
      await delay(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }

  const listening = listenForEver();
  return {
    async close(): Promise<void> {
      stopped.abort();
      await client?.end().catch(() => undefined);
      await listening;
    },
  };
}
