import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

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

const PrismaErrorSchema = Type.Object({
  code: Type.String(),
  meta: Type.Optional(
    Type.Object({
      driverAdapterError: Type.Optional(
        Type.Object({
          cause: Type.Object({ kind: Type.String(), originalCode: Type.Optional(Type.String()) }),
        }),
      ),
    }),
  ),
});
const prismaError = Compile(PrismaErrorSchema);

/** Prisma's codes for a server that cannot be reached, a lost connection, waiting for one in vain, and a deadlock. */
const OUTAGE_CODES = ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'];
/** Raw queries have one code for every failure; the adapter knows better. */
const OUTAGE_KINDS = ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'];
/** What pg says when no connection comes free or is made in time, or is lost meanwhile; it has no code for these. */
const NO_CONNECTION =
  /^(timeout exceeded when trying to connect|Connection terminated|Client (has encountered a connection error|was closed) and is not queryable)/;
/** SQLSTATE: connection exceptions, too many connections, cancelled by the time-out, a deadlock, shutting down or starting up. */
const OUTAGE_STATES = /^(08...|40P01|53300|57014|57P0[123])$/;

/** Whether the database is away or overwhelmed, and the same request may well succeed later. */
export function isDatabaseOutage(error: unknown): boolean {
  if (error instanceof Error && NO_CONNECTION.test(error.message)) return true;
  if (!prismaError.Check(error)) return false;
  const cause = error.meta?.driverAdapterError?.cause;
  if (OUTAGE_CODES.includes(error.code)) return true;
  return (
    cause !== undefined && (OUTAGE_KINDS.includes(cause.kind) || OUTAGE_STATES.test(cause.originalCode ?? ''))
  );
}
