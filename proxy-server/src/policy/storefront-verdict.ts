import type { Lifetime } from '../cache/freshness.ts';
import type { Arrived, Verdict } from '../cache/policy.ts';
import { tagsOf } from './cache-tag.ts';

/** The longest that a page is served stale, whatever its origin allows; what it says less counts. Seconds. */
const STALE_LIMITS = { staleWhileRevalidate: 600, staleIfError: 3_600 } as const;
/** Pages that are not there come to be: they are remembered for a moment, against a crowd that asks for them. */
const NEGATIVE_SECONDS = 10;
const NEGATIVE = new Set([404, 410]);

/** Dimensions that cannot differ between the requests for a page as they are made here. */
const HARMLESS_VARY = new Set([
  'accept-encoding',
  'rsc',
  'next-router-state-tree',
  'next-router-prefetch',
  'next-router-segment-prefetch',
]);

const personal = (reason: string): Verdict => ({ kind: 'personal', reason });
const share = (reason: string): Verdict => ({ kind: 'share', reason });

/** Whether a page that was asked for without anything of a visitor may be kept for everyone. */
export function judgePage(arrived: Arrived): Verdict {
  const { status, headers, control, lifetime, forbidden, lookup } = arrived;
  if (headers.has('set-cookie')) return personal('set-cookie');
  if (!varyIsHarmless(headers.get('vary'))) return personal('vary');
  const negative = NEGATIVE.has(status);
  if (status !== 200 && !negative) return share(`status ${status}`);
  if (control.has('private') || control.has('no-store') || control.has('no-cache')) {
    return negative ? share(`status ${status}`) : personal('private');
  }
  if (!/^text\/html\s*(?:;|$)/i.test(headers.get('content-type') ?? '')) return share('not HTML');
  if (headers.has('content-encoding')) return personal('encoded');
  // A static shell whose dynamic part is still to come.
  if (headers.has('x-nextjs-postponed')) return personal('postponed');
  if (forbidden !== undefined) return share(forbidden);
  if (lifetime.fresh === 0) return share('no lifetime');
  const tags = [...lookup.tags, ...tagsOf(headers)];
  if (negative) return { kind: 'keep', lifetime: negativeLifetime(lifetime), tags };
  const kept = { kind: 'keep', lifetime: pageLifetime(arrived), tags } as const;
  // What the origin calls stale has had its life: it is served on, but as stale.
  if (headers.get('x-nextjs-cache') !== 'STALE') return kept;
  return { ...kept, aged: lifetime.fresh, renewSoon: true };
}

function pageLifetime({ control, lifetime }: Arrived): Lifetime {
  if (control.has('must-revalidate') || control.has('proxy-revalidate')) return lifetime;
  const window = (name: string, limit: number) => Math.min(limit, control.seconds(name) ?? limit);
  return {
    fresh: lifetime.fresh,
    staleWhileRevalidate: window('stale-while-revalidate', STALE_LIMITS.staleWhileRevalidate),
    staleIfError: window('stale-if-error', STALE_LIMITS.staleIfError),
    staleIfUnreachable: false,
    staleOnDemand: false,
  };
}

const negativeLifetime = ({ fresh }: Lifetime): Lifetime => ({
  fresh: Math.min(fresh, NEGATIVE_SECONDS),
  staleWhileRevalidate: 0,
  staleIfError: 0,
  staleIfUnreachable: false,
  staleOnDemand: false,
});

const varyIsHarmless = (vary: string | null): boolean =>
  (vary ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .every((name) => name === '' || HARMLESS_VARY.has(name));
