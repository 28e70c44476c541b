import type { AnyRedis } from '../redis/index.ts';

/** On it auth-server names every session that it ends, so that nobody has to ask about all the others. */
const STREAM = 'revoked:announced';
/** Milliseconds that a name is kept: longer than any access token lives. */
const KEPT = 7_200_000;
/** Names that are read at a time. */
const PAGE = 1_000;

/**
 * Says that a session may be ended now. To be said before that is done: whoever is killed in between has made others
 * ask once more, and no more than that.
 */
export async function announceEnding(redis: AnyRedis, sid: string): Promise<void> {
  await redis.xadd(STREAM, 'MINID', '~', Date.now() - KEPT, '*', 'sid', sid);
}

/** The sessions that were announced, as this process has read them so far. */
export function createEndings(redis: AnyRedis) {
  /** By when Redis took them in, the oldest first. */
  const named = new Map<string, number>();
  let last = '-';

  function forgetBefore(moment: number) {
    for (const [sid, at] of named) {
      if (at >= moment) return;
      named.delete(sid);
    }
  }

  return {
    has: (sid: string): boolean => named.has(sid),
    /** Reads on to the end. @throws where Redis is away */
    async read(): Promise<void> {
      for (;;) {
        const entries = await redis.xrange(STREAM, last, '+', 'COUNT', PAGE);
        for (const [id, [, sid]] of entries) {
          last = `(${id}`;
          if (sid === undefined) continue;
          named.delete(sid);
          named.set(sid, Number.parseInt(id, 10));
        }
        if (entries.length < PAGE) break;
      }
      if (last !== '-') forgetBefore(Number.parseInt(last.slice(1), 10) - KEPT);
    },
  };
}
