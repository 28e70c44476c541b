import type { Commands } from './commands.ts';
import type { Link } from './link.ts';

interface HoldingsOptions {
  link: Link;
  commands: Commands;
  /** Milliseconds that a lock outlives its owner. */
  lockTtl: number;
  /** Milliseconds after which a render is no longer waited for. */
  renderLimit: number;
}

/** The locks that this process holds, prolonged together for as long as their renders may take. */
export function createHoldings({ link, commands, lockTtl, renderLimit }: HoldingsOptions) {
  const held = new Map<string, { key: string; token: string; since: number }>();
  let timer: NodeJS.Timeout | undefined;

  async function prolong(): Promise<void> {
    const oldest = performance.now() - renderLimit;
    for (const { token, since } of held.values()) {
      if (since < oldest) held.delete(token);
    }
    const locks = [...held.values()];
    if (locks.length > 0) await prolongAll(locks).catch(() => undefined);
    timer = held.size > 0 ? setTimeout(prolong, lockTtl / 3).unref() : undefined;
  }

  async function prolongAll(locks: { key: string; token: string }[]): Promise<void> {
    const kept = new Set(await link.ask(() => commands.extend(locks, lockTtl)));
    for (const { token } of locks) {
      if (!kept.has(token)) held.delete(token);
    }
  }

  return {
    add(key: string, token: string): void {
      held.set(token, { key, token, since: performance.now() });
      timer ??= setTimeout(prolong, lockTtl / 3).unref();
    },
    remove: (token: string): boolean => held.delete(token),
    /** Gives all of them back. */
    async releaseAll(): Promise<void> {
      clearTimeout(timer);
      const locks = [...held.values()];
      held.clear();
      await Promise.allSettled(locks.map(({ key, token }) => link.ask(() => commands.release(key, token))));
    },
  };
}
export type Holdings = ReturnType<typeof createHoldings>;
