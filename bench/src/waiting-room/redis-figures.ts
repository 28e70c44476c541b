import type { Redis } from '@doa-market/common/redis';

/** What Redis says of itself. */
export function createRedisFigures(redis: Redis) {
  return {
    /** How often each command was run since Redis started, those that scripts ran left out of what a script is. */
    async commands(): Promise<Map<string, number>> {
      const stats = await redis.info('commandstats');
      const lines = stats.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm);
      return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]));
    },
    async usedMemory(): Promise<number> {
      return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
    },
    /** Microseconds of each command that took longer than the slow log's threshold. */
    async slowCommands(): Promise<number[]> {
      const entries: unknown = await redis.call('SLOWLOG', 'GET', '-1');
      return Array.isArray(entries) ? entries.map((entry) => Number(entry[2])) : [];
    },
  };
}
export type RedisFigures = ReturnType<typeof createRedisFigures>;

/** The commands by which `after` is more than `before`. */
export function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const more = [...after].map(([name, calls]) => [name, calls - (before.get(name) ?? 0)] as const);
  return new Map(more.filter(([, calls]) => calls > 0));
}
