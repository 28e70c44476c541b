import type { ServiceTokens } from '@doa-market/common/auth';
import type { ServiceClient } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import { Type } from 'typebox';
import type { Transaction } from '../database.ts';
import type { SessionEnding, SessionEndingRepository } from './repository.ts';

const BATCH = 50;

interface Options {
  endings: SessionEndingRepository;
  authServer: ServiceClient;
  serviceToken: ServiceTokens;
  logger: Logger;
}

/**
 * Sessions that auth-server has to end, because they carry a role that is not true any more. The wish is a row of
 * the transaction that makes it so, and is repeated until auth-server has heard it: it is away at times, and ending
 * sessions twice does nothing. Whoever sees to a row has claimed it, so that it is told once where nothing fails.
 */
export function createSessionEndings({ endings, authServer, serviceToken, logger }: Options) {
  async function end(memberId: string): Promise<void> {
    const bearer = await serviceToken();
    await authServer.post(`/internal/members/${memberId}/sessions/end`, Type.Undefined(), undefined, {
      bearer,
    });
  }

  /** @returns how many auth-server has heard */
  async function tell(claimed: readonly SessionEnding[]): Promise<number> {
    const results = await Promise.allSettled(
      claimed.map(async ({ id, memberId }) => {
        try {
          await end(memberId);
        } catch (error) {
          await endings.giveUp(id);
          throw error;
        }
        await endings.remove(id);
      }),
    );
    const failed = results.find((it) => it.status === 'rejected');
    if (failed) logger.warn({ err: failed.reason }, 'sessions are still to be ended');
    return results.filter((it) => it.status === 'fulfilled').length;
  }

  return {
    /** Part of the change itself: `deliver` what it answers, once that is committed. */
    request: (memberId: string, tx: Transaction): Promise<SessionEnding> => endings.create(memberId, tx),

    /** Tells auth-server of what was just requested; where it does not hear, it is told later. */
    async deliver(requested: SessionEnding): Promise<void> {
      await tell([requested]);
    },

    /** Tells auth-server what nobody is telling it, the oldest first. @returns how many it has heard */
    deliverPending: async (): Promise<number> => tell(await endings.claim(BATCH)),
  };
}
export type SessionEndings = ReturnType<typeof createSessionEndings>;
