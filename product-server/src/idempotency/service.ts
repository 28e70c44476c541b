import { ProblemError } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Database, Transaction } from '../database.ts';

/** Milliseconds that a key is remembered: as long as the gateway does at most, and then some. */
const RETENTION = 48 * 3_600_000;
const SWEEP_SIZE = 1_000;

/**
 * Writes that happen once however often they are asked for. The claim of the key, the write and its answer are one
 * transaction: a second caller waits at the unique index until the first has committed (and gets its answer) or
 * rolled back (and writes).
 */
export function createIdempotency(database: Database) {
  async function replay<T extends TSchema>(
    tx: Transaction,
    { subject, key, fingerprint }: NamedWrite,
    schema: T,
  ): Promise<Static<T>> {
    const known = await tx.idempotencyKey.findUnique({ where: { subject_key: { subject, key } } });
    if (!known) throw new ProblemError(409, 'IDEM_4090', 'A request with this idempotency key is in flight.');
    if (known.fingerprint !== fingerprint) {
      throw new ProblemError(422, 'IDEM_4220', 'The idempotency key belongs to another request.');
    }
    return Value.Parse(schema, known.answer);
  }

  return {
    /** Runs `work` in a transaction; under a name that has been used, its stored result is given instead. */
    once<T extends TSchema>(
      write: NamedWrite | undefined,
      schema: T,
      work: (tx: Transaction) => Promise<Static<T>>,
    ): Promise<{ result: Static<T>; replayed: boolean }> {
      return database.$transaction(async (tx) => {
        if (!write) return { result: await work(tx), replayed: false };
        const claim = await tx.idempotencyKey.createManyAndReturn({ data: write, skipDuplicates: true });
        const [claimed] = claim;
        if (!claimed) return { result: await replay(tx, write, schema), replayed: true };
        const result = await work(tx);
        const answer = JSON.stringify(result);
        await tx.$executeRaw`UPDATE idempotency_keys SET answer = ${answer}::jsonb WHERE id = ${claimed.id}::uuid`;
        return { result, replayed: false };
      });
    },

    /** Forgets keys that are older than the retention. @returns how many */
    async sweep(now = new Date()): Promise<number> {
      const before = new Date(now.getTime() - RETENTION);
      return database.$executeRaw`
        DELETE FROM idempotency_keys WHERE id IN (
          SELECT id FROM idempotency_keys WHERE created_at < ${before}
          ORDER BY created_at LIMIT ${SWEEP_SIZE} FOR UPDATE SKIP LOCKED)`;
    },
  };
}
export type Idempotency = ReturnType<typeof createIdempotency>;
