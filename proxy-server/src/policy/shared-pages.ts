import { type Bring, type Brought, endsStored, type Wish } from '../cache/bring.ts';
import { stageOf } from '../cache/freshness.ts';
import type { Keeper } from '../cache/keeper.ts';
import type { StoredResponse } from '../cache/stored-response.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { GrantedClaim, SharedHit, SharedLevel } from '../shared/shared-level.ts';
import { deploymentOf } from './deployment-id.ts';
import type { Deployments } from './deployments.ts';
import { decodePage, encodePage } from './page-codec.ts';
import { usefulFor } from './storefront.ts';

interface SharedPagesOptions {
  level: SharedLevel;
  deployments: Deployments;
  clock: () => number;
  /** Told of every page that another proxy rendered. */
  onShared: () => void;
}

/** A render that others have claimed, and then given up, is waited for no more often than this. */
const MAX_WAITS = 3;

/** Builds the step between this process and the origin: what other proxies have, and one render among all of them. */
export function createSharedPages({ level, deployments, clock, onShared }: SharedPagesOptions) {
  function pageOf({ payload, version }: SharedHit, key: string): StoredResponse | undefined {
    const page = decodePage(payload, key);
    if (!page || !deployments.matches(deploymentOf(page.representations.identity.body))) return undefined;
    return { ...page, version };
  }

  const entryOf = (stored: StoredResponse) => ({
    tags: stored.tags,
    keepFor: usefulFor(stored, clock()),
    payload: encodePage(stored),
  });

  /** @param replaces the version that was there before, if there was one */
  async function renderFor(
    { lookup: { key } }: Wish<Exchange>,
    claim: GrantedClaim,
    replaces: string | undefined,
    render: () => Promise<Brought>,
  ): Promise<Brought> {
    let brought: Brought;
    try {
      brought = await render();
    } catch (error) {
      await claim.release();
      throw error;
    }
    if (brought.kind !== 'whole' || !brought.kept || brought.stored.status !== 200) {
      // Else the others would go on with the old page, and this one would find it again. Best effort: it also expires.
      if (replaces !== undefined && endsStored(brought)) await level.purge([key]).catch(() => undefined);
      await claim.release();
      return brought;
    }
    const { stored, finished } = brought;
    void claim.store(entryOf(stored)).then(async (outcome) => {
      if (outcome.kind !== 'stored') return;
      stored.version = outcome.version;
      await finished;
      const version = await level.replace(stored.key, outcome.version, entryOf(stored));
      if (version !== undefined) stored.version = version;
    });
    return brought;
  }

  function around(bring: Bring<Exchange>, keeper: Keeper): Bring<Exchange> {
    return async function bringShared(wish, isCurrent) {
      const { key } = wish.lookup;
      let known = wish.known;
      let seen = wish.anew ? (await level.get(key))?.version : known?.version;
      for (let waits = 0; waits < MAX_WAITS; waits += 1) {
        const mark = keeper.mark();
        const claim = await level.claim(key, seen);
        const render = () => bring({ ...wish, known }, isCurrent);
        if (claim.kind === 'unavailable') return render();
        if (claim.kind === 'granted') return renderFor(wish, claim, seen, render);
        const hit = claim.kind === 'stored' ? claim.hit : await claim.settled;
        if (!hit) continue;
        seen = hit.version;
        // What somebody else began before this wish is not what was wished for.
        if (wish.anew) continue;
        const page = pageOf(hit, key);
        if (!page) continue;
        if (stageOf(page, clock()) === 'stale') known = page;
        else return fromAnother(page, mark, isCurrent);
      }
      return bring({ ...wish, known }, isCurrent);
    };

    function fromAnother(stored: StoredResponse, mark: number, isCurrent: () => boolean): Brought {
      const kept = isCurrent() ? keeper.keep(stored, mark) : { kept: false, finished: Promise.resolve() };
      onShared();
      const renewSoon = stageOf(stored, clock()) !== 'fresh';
      return { kind: 'whole', stored, ...kept, fwdStatus: stored.status, renewSoon };
    }
  }

  return {
    around,
    /** A page that another proxy has just stored, for one that has an older one. */
    async fetch(key: string): Promise<StoredResponse | undefined> {
      const hit = await level.get(key);
      return hit && pageOf(hit, key);
    },
  };
}
export type SharedPages = ReturnType<typeof createSharedPages>;
