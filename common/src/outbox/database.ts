/**
 * The Prisma client of a server that has an outbox, as far as the outbox needs it. Its database has the tables
 * `outbox_events` (what is committed and not yet on the stream) and `sent_events` (what has been there for minutes), and
 * a trigger on the first that notifies the channel `outbox_events`.
 */
export interface OutboxTransaction {
  $queryRawUnsafe<T>(query: string, ...values: unknown[]): PromiseLike<T>;
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>;
}

export interface OutboxDatabase extends OutboxTransaction {
  $transaction<T>(
    work: (tx: OutboxTransaction) => Promise<T>,
    options: { timeout: number; maxWait: number },
  ): Promise<T>;
}
