import type { Commands } from './commands.ts';
import type { Holdings } from './holdings.ts';
import { type Link, NOT_ASKED } from './link.ts';
import type { Claim, GrantedClaim, SharedEntry, SharedHit, StoreOutcome } from './shared-level.ts';

/** Milliseconds: nobody waits for a page to be stored, and it may be large. */
const STORE_PATIENCE = 500;

interface ClaimsOptions {
  link: Link;
  commands: Commands;
  holdings: Holdings;
  lockTtl: number;
  wait: (key: string, holder: string) => Promise<SharedHit | undefined>;
  /** A name that nobody ever had. */
  nextToken: () => string;
}

/** Decides with the other processes who renders. */
export function createClaims({ link, commands, holdings, lockTtl, wait, nextToken }: ClaimsOptions) {
  function grant(key: string, token: string, epoch: number): GrantedClaim {
    let isOver = false;
    holdings.add(key, token);

    async function giveUp(): Promise<void> {
      await link.ask(() => commands.release(key, token)).catch(() => undefined);
    }
    return {
      kind: 'granted',
      async store(entry: SharedEntry): Promise<StoreOutcome> {
        if (isOver) return { kind: 'overtaken' };
        isOver = true;
        holdings.remove(token);
        try {
          const kind = await link.ask(() => commands.store(key, token, epoch, entry), STORE_PATIENCE);
          return kind === 'stored' ? { kind, version: token } : { kind };
        } catch {
          await giveUp();
          return { kind: 'unavailable' };
        }
      },
      async release(): Promise<void> {
        if (isOver) return;
        isOver = true;
        holdings.remove(token);
        await giveUp();
      },
    };
  }

  return async (key: string, known = ''): Promise<Claim> => {
    const token = nextToken();
    try {
      const reply = await link.ask(() => commands.claim(key, known, token, lockTtl));
      if (reply.kind === 'granted') return grant(key, token, reply.epoch);
      if (reply.kind === 'stored') return reply;
      const isNew = (hit?: SharedHit) => hit && renderOf(hit.version) !== renderOf(known);
      const settled = wait(key, reply.holder).then((hit) => (isNew(hit) ? hit : undefined));
      return { kind: 'elsewhere', settled };
    } catch (error) {
      // It may yet be granted, when nobody listens any more.
      if (error !== NOT_ASKED) commands.release(key, token).catch(() => undefined);
      return { kind: 'unavailable' };
    }
  };
}

/** A version names a render, and how often it was replaced since. */
const renderOf = (version: string): string => version.split('.', 1)[0] ?? '';
