/** What the Prisma clients of all servers have in common; each server generates its own client. */

/** Settings of the pg pool behind a Prisma client: everything that could wait for ever has a bound. */
export const poolConfig = (connectionString: string, applicationName: string) => ({
  connectionString,
  application_name: applicationName,
  max: 10,
  connectionTimeoutMillis: 1_000,
  idleTimeoutMillis: 30_000,
  statement_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
});

interface Queryable {
  $queryRawUnsafe(query: string): Promise<unknown>;
}

/** For /ready. */
export const databaseDependency = (database: Queryable) => ({
  name: 'postgres',
  check: () => database.$queryRawUnsafe('SELECT 1'),
});
