import type { Database } from '../database.ts';

/** Days for which somebody who has left can still ask for what there was of them. */
const DAYS_KEPT = 30;
const BATCH = 100;

/**
 * Erases what is known of members who left. Their rows stay as bare ids, which orders point to. Several servers may
 * sweep at once: each takes rows that no other holds.
 * @param forget what is kept of them elsewhere; where it fails, they are not erased yet
 * @returns how many were erased
 */
export async function eraseDeparted(
  database: Database,
  now = new Date(),
  forget: (memberIds: readonly string[]) => Promise<unknown> = async () => undefined,
): Promise<number> {
  const before = new Date(now.getTime() - DAYS_KEPT * 86_400_000);
  return database.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      UPDATE members SET email = NULL, email_index = NULL, name = NULL, name_index = NULL, phone = NULL,
        password_hash = NULL, erased_at = ${now}, updated_at = ${now}, version = version + 1
      WHERE id IN (
        SELECT id FROM members WHERE left_at < ${before} AND erased_at IS NULL
        ORDER BY left_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING id`;
    const ids = rows.map(({ id }) => id);
    const ofThem = { where: { memberId: { in: ids } } };
    await tx.address.deleteMany(ofThem);
    await tx.wishlistItem.deleteMany(ofThem);
    await tx.agreementDecision.deleteMany(ofThem);
    await tx.idempotencyKey.deleteMany({ where: { subject: { in: ids } } });
    await forget(ids);
    return ids.length;
  });
}
