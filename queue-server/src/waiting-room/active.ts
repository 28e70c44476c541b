import { type AnyRedis, createScript, isCluster } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { createBatch } from './batch.ts';
import { activeOf } from './keys.ts';
import { reachable } from './reachable.ts';
import { ACTIVATE, RELEASE, TAKE_OVER } from './scripts.ts';

const others = Compile(Type.Array(Type.Union([Type.Null(), Type.String()])));

/** Milliseconds: as long as anybody waits; whoever comes again renews it. */
const LIFETIME = 86_400_000;
/**
 * Milliseconds that a claim without a place is left alone: its place is on the way. A member is in one event's slot or
 * the other's, so that nothing sees both places at once; this is what keeps two entries at the same moment apart.
 */
const ON_THE_WAY = 3_000;
/** Members in one command: less than a millisecond of Redis' time. In a cluster each is on a node of its own. */
const BATCH = 200;

/** Which event each member queues for: one at a time. @throws {ProblemError} 503 from every verb while Redis is away */
export function createActive(
  redis: AnyRedis,
  hasPlace: (eventId: string, memberId: string) => Promise<boolean>,
) {
  const activate = createScript(redis, ACTIVATE);
  const takeOver = createScript(redis, TAKE_OVER);
  const release = createScript(redis, RELEASE);

  /** Null where it is this event now. */
  const other = createBatch<string | null>(isCluster(redis) ? 1 : BATCH, async (eventId, memberIds) =>
    others.Parse(await reachable(activate(memberIds.map(activeOf), [eventId, LIFETIME]))),
  );

  return {
    /** @returns undefined where it is this event now, else the event that the member has a place in */
    async claim(memberId: string, eventId: string): Promise<string | undefined> {
      const there = await other(eventId, memberId);
      if (there === null) return undefined;
      if (await hasPlace(there, memberId)) return there;
      const call = [eventId, there, LIFETIME, ON_THE_WAY];
      return (await reachable(takeOver([activeOf(memberId)], call))) === 1 ? undefined : there;
    },

    /** Lets the member queue for another event; nothing where that is so already. */
    async release(memberId: string, eventId: string): Promise<void> {
      await reachable(release([activeOf(memberId)], [eventId]));
    },
  };
}
export type Active = ReturnType<typeof createActive>;
