import type { Database, Transaction } from '../database.ts';

/** Seconds that a claim lasts: longer than telling takes, and all that is lost by a server that is killed. */
const CLAIM = 15;

export interface SessionEnding {
  id: string;
  memberId: string;
}

/** Sessions that are to be ended, each claimed by whoever sees to it. */
export function createSessionEndingRepository(database: Database) {
  return {
    /** A new one, claimed by whoever asks for it. */
    async create(memberId: string, tx: Transaction): Promise<SessionEnding> {
      const [row] = await tx.$queryRaw<{ id: string }[]>`
        INSERT INTO session_endings (member_id, claimed_until)
        VALUES (${memberId}::uuid, clock_timestamp() + make_interval(secs => ${CLAIM}))
        RETURNING id`;
      if (!row) throw new Error('a row that was inserted is not there');
      return { id: row.id, memberId };
    },

    /** Those that nobody has claimed, or not seen to in time, the oldest first. */
    claim: (limit: number): Promise<SessionEnding[]> => database.$queryRaw<SessionEnding[]>`
      UPDATE session_endings SET claimed_until = clock_timestamp() + make_interval(secs => ${CLAIM})
      WHERE id IN (
        SELECT id FROM session_endings WHERE claimed_until IS NULL OR claimed_until < clock_timestamp()
        ORDER BY id
        LIMIT ${limit}
        FOR UPDATE SKIP LOCKED)
      RETURNING id, member_id AS "memberId"`,

    /** Leaves it to whoever comes next. */
    async giveUp(id: string): Promise<void> {
      await database.sessionEnding.updateMany({ where: { id }, data: { claimedUntil: null } });
    },

    async remove(id: string): Promise<void> {
      await database.sessionEnding.deleteMany({ where: { id } });
    },
  };
}
export type SessionEndingRepository = ReturnType<typeof createSessionEndingRepository>;
