import type { ServiceTokens } from '@doa-market/common/auth';
import type { ServiceClient } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import { Type } from 'typebox';
import type { Database, Transaction } from '../database.ts';

const BATCH = 50;

interface Options {
  database: Database;
  authServer: ServiceClient;
  serviceToken: ServiceTokens;
  logger: Logger;
}

/**
 * Sessions that auth-server has to end, because they carry a role that is not true any more. The wish is a row of
 * the transaction that makes it so, and is repeated until auth-server has heard it: it is away at times, and ending
 * sessions twice does nothing.
 */
export function createSessionEndings({ database, authServer, serviceToken, logger }: Options) {
  async function end(memberId: string): Promise<void> {
    const bearer = await serviceToken();
    await authServer.post(`/internal/members/${memberId}/sessions/end`, Type.Undefined(), undefined, {
      bearer,
    });
  }

  return {
    /** Part of the change itself. */
    async request(memberId: string, tx: Transaction): Promise<void> {
      await tx.sessionEnding.create({ data: { memberId } });
    },

    /** Tells auth-server what it has not heard, the oldest first. @returns how many are heard */
    async deliver(memberId?: string): Promise<number> {
      const rows = await database.sessionEnding.findMany({
        ...(memberId && { where: { memberId } }),
        orderBy: { id: 'asc' },
        take: BATCH,
      });
      const results = await Promise.allSettled(
        rows.map(async (row) => {
          await end(row.memberId);
          await database.sessionEnding.deleteMany({ where: { id: row.id } });
        }),
      );
      const failed = results.find((it) => it.status === 'rejected');
      if (failed) logger.warn({ err: failed.reason }, 'sessions are still to be ended');
      return results.filter((it) => it.status === 'fulfilled').length;
    },
  };
}
export type SessionEndings = ReturnType<typeof createSessionEndings>;
