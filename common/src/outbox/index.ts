import type { Logger } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { OutboxDatabase } from './database.ts';
import { createOutboxFigures } from './figures.ts';
import type { Destination } from './forward.ts';
import { type Relay, startRelay } from './relay.ts';

export type { OutboxDatabase, OutboxTransaction } from './database.ts';
export { refusedStream } from './forward.ts';

interface OutboxOptions extends Destination {
  /** Of the server. */
  name: string;
  database: OutboxDatabase;
  /** The same database, for a connection that listens. */
  databaseUrl: string;
  logger: Logger;
  metrics: Metrics;
  /** Milliseconds after which the outbox is looked at although nobody said that there is something in it. */
  interval?: number | undefined;
}

/** The outbox of a server: what was committed with a change reaches the stream, whatever happens in between. */
export function createOutbox({ metrics, ...options }: OutboxOptions) {
  const figures = createOutboxFigures(metrics, options.database);
  let relay: Relay | undefined;
  return {
    start(): void {
      relay ??= startRelay({ ...options, figures });
    },
    /** Ends after the batch that is being sent. */
    async close(): Promise<void> {
      await relay?.close();
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
