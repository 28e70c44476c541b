import { type AnyRedis, createScript } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { activeOf } from './keys.ts';
import { reachable } from './reachable.ts';
import { ACTIVATE, RELEASE, TAKE_OVER } from './scripts.ts';

const nothingOrId = Compile(Type.Union([Type.Null(), Type.String()]));

/** Milliseconds: as long as anybody waits; whoever comes again renews it. */
const LIFETIME = 86_400_000;
/**
 * Milliseconds that a claim without a place is left alone: its place is on the way. A member is in one event's slot or
 * the other's, so that nothing sees both places at once; this is what keeps two entries at the same moment apart.
 */
const ON_THE_WAY = 3_000;

/** Which event each member queues for: one at a time. @throws {ProblemError} 503 from every verb while Redis is away */
export function createActive(
  redis: AnyRedis,
  hasPlace: (eventId: string, memberId: string) => Promise<boolean>,
) {
  const activate = createScript(redis, ACTIVATE);
  const takeOver = createScript(redis, TAKE_OVER);
  const release = createScript(redis, RELEASE);

  return {
    /** @returns undefined where it is this event now, else the event that the member has a place in */
    async claim(memberId: string, eventId: string): Promise<string | undefined> {
      const key = activeOf(memberId);
      const other = nothingOrId.Parse(await reachable(activate([key], [eventId, LIFETIME])));
      if (other === null) return undefined;
      if (await hasPlace(other, memberId)) return other;
      const taken = await reachable(takeOver([key], [eventId, other, LIFETIME, ON_THE_WAY]));
      return taken === 1 ? undefined : other;
    },

    /** Lets the member queue for another event; nothing where that is so already. */
    async release(memberId: string, eventId: string): Promise<void> {
      await reachable(release([activeOf(memberId)], [eventId]));
    },
  };
}
export type Active = ReturnType<typeof createActive>;
