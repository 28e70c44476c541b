import { randomUUID } from 'node:crypto';
import type { Redis } from '@doa-market/common/redis';
import type { Database, Transaction } from '../database.ts';
import { PENDING } from './counter.ts';

/** Views that are being written to the database, with the id of their batch among the slugs. */
const TAKEN = 'views:taken';
/** No slug has this form. */
const ID = '#id';

const TAKE = `
if redis.call('EXISTS', KEYS[2]) == 0 then
  if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], '${ID}', ARGV[1])
  redis.call('PERSIST', KEYS[2])
end
return redis.call('HGETALL', KEYS[2])`;

const FORGET = `
if redis.call('HGET', KEYS[1], '${ID}') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`;

/**
 * Brings the views that were counted into the database: in one statement for all products, and once. What was taken
 * stays in Redis under the id of its batch until the database has both; a crash between brings the same batch again.
 */
export async function flushViews(database: Database, redis: Redis): Promise<void> {
  // While Redis is away there is nothing to bring, and others say so.
  if (redis.status !== 'ready') return;
  const fields = await redis.eval(TAKE, 2, PENDING, TAKEN, randomUUID());
  const counts = toCounts(fields);
  const id = counts.get(ID);
  if (id === undefined) return;
  counts.delete(ID);
  await database.$transaction((tx) => write(tx, id, counts));
  await redis.eval(FORGET, 1, TAKEN, id);
}

async function write(tx: Transaction, id: string, counts: ReadonlyMap<string, string>): Promise<void> {
  const isNew =
    await tx.$executeRaw`INSERT INTO view_batches (id) VALUES (${id}::uuid) ON CONFLICT DO NOTHING`;
  if (isNew === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_views AS known (product_id, count)
    SELECT product.id, viewed.count
    FROM unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::bigint[]) AS viewed (slug, count)
    JOIN products product ON product.slug = viewed.slug AND product.deleted_at IS NULL
    ORDER BY product.id
    ON CONFLICT (product_id) DO UPDATE SET count = known.count + excluded.count`;
  await tx.$executeRaw`DELETE FROM view_batches WHERE created_at < now() - interval '2 days'`;
}

/** Names and values in turns, as Redis answers HGETALL to a script. */
function toCounts(fields: unknown): Map<string, string> {
  const flat = Array.isArray(fields) ? fields.map(String) : [];
  return new Map(
    flat.flatMap((name, index): [string, string][] =>
      index % 2 === 0 ? [[name, flat[index + 1] ?? '0']] : [],
    ),
  );
}
