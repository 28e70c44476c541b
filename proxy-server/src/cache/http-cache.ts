import { ProblemError } from '@doa-market/common/errors';
import { type Bring, type Brought, createBring } from './bring.ts';
import {
  appendCacheStatus,
  type CacheOutcome,
  cacheStatus,
  type ForwardReason,
  type Handling,
} from './cache-status.ts';
import { type CacheControl, parseCacheControl } from './fields/cache-control.ts';
import { variantOf } from './fields/vary.ts';
import { createFlights } from './flights.ts';
import { coversFor, stageFor, type Trouble } from './freshness.ts';
import { createHeadRequests } from './head-requests.ts';
import { invalidatedTargets } from './invalidation.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Bypass, CachePolicy, CacheRequest, Lookup } from './policy.ts';
import { createPurgeLog } from './purge-log.ts';
import { createRefetch } from './refetch.ts';
import { createRenewals, RENEWAL_PAUSE } from './renewals.ts';
import { type Remark, respond } from './respond.ts';
import type { StoredResponse } from './stored-response.ts';
import { createUnsharedMarks } from './unshared-marks.ts';

export interface Answer {
  response: Response;
  outcome: CacheOutcome;
  /** Where it is kept, if it is. */
  key?: string;
}

interface HttpCacheOptions<X extends CacheRequest> {
  policy: CachePolicy<X>;
  store: MemoryStore;
  maxBodyBytes: number;
  /** Asks the origin with everything the client sent, and keeps nothing. */
  forward: (x: X) => Promise<Response>;
  /** Puts something between a miss and the origin: another level, a lock. */
  around?: (bring: Bring<X>, keeper: Keeper) => Bring<X>;
  /** Monotonic, in milliseconds since the epoch. */
  clock: () => number;
  /** Told of every answer that somebody else's fetch brought. */
  onCollapsed?: () => void;
  /** Told of what nobody waits for. */
  onRenewalFailure: (key: string, error: unknown) => void;
}

const NOTHING_ASKED = parseCacheControl(null);
/** How long somebody waits for the end of another's stream before he asks for his own, in milliseconds. */
const PATIENCE = 2_000;

/** Builds a shared HTTP cache (RFC 9111). What it keeps, and how it asks, is its policy's to say. */
export function createHttpCache<X extends CacheRequest>(options: HttpCacheOptions<X>) {
  const { policy, store, forward, clock, onRenewalFailure } = options;
  const flights = createFlights<Brought>();
  const unshared = createUnsharedMarks(clock);
  const purges = createPurgeLog();
  const keeper = createKeeper({ policy, store, purges, clock, onFailure: onRenewalFailure });
  const fetchAndKeep = createBring({ ...options, keeper, onFailure: onRenewalFailure });
  const bring = options.around?.(fetchAndKeep, keeper) ?? fetchAndKeep;
  const renewals = createRenewals({ store, flights, bring, clock, onFailure: onRenewalFailure });
  const refetch = createRefetch({
    ...{ policy, store, flights, bring, renewals, clock },
    onFailure: onRenewalFailure,
  });
  const answerHead = createHeadRequests({ policy, store, forward, clock });

  const stored = (it: StoredResponse, { request }: X, remark: Remark): Answer => ({
    response: respond(it, request, remark, clock()),
    outcome: remark.outcome,
    key: it.key,
  });
  const stale = (it: StoredResponse, x: X): Answer => stored(it, x, { outcome: 'STALE', hit: true });

  /** Fetches, or waits for the one who does. */
  async function fromOrigin(
    lookup: Lookup,
    x: X,
    known: StoredResponse | undefined,
    fwd: ForwardReason,
  ): Promise<Answer> {
    const work = (isCurrent: () => boolean) => bring({ lookup, x, known }, isCurrent);
    const { outcome, leads } =
      lookup.shareable && !unshared.has(lookup.key)
        ? flights.join(lookup.key, work)
        : { outcome: flights.alone(lookup.key, work), leads: true };
    const answer = outcome.then((brought) =>
      leads ? lead(lookup, x, brought, known, fwd) : follow(lookup, x, brought, known, fwd),
    );
    return orStale(answer, known, x, fwd);
  }

  /** What is stored in place of an answer that cannot be had, where that is allowed. */
  function orStale(
    answer: Promise<Answer>,
    known: StoredResponse | undefined,
    x: X,
    fwd: ForwardReason,
  ): Promise<Answer> {
    return answer.catch((error: unknown) => {
      // A client that left is no trouble of the origin's.
      const cover = error instanceof ProblemError ? covering(known, 'unreachable', x) : undefined;
      if (!cover) throw told(error, { fwd });
      return stale(cover, x);
    });
  }

  /** An old answer that may be given instead of trouble; the origin is left alone for a moment then. */
  function covering(known: StoredResponse | undefined, trouble: Trouble, x: X): StoredResponse | undefined {
    if (!known || !coversFor(known, trouble, asks(x), clock())) return undefined;
    known.renewAfter = clock() + RENEWAL_PAUSE;
    return known;
  }

  function lead(
    lookup: Lookup,
    x: X,
    brought: Brought,
    known: StoredResponse | undefined,
    fwd: ForwardReason,
  ): Answer | Promise<Answer> {
    if (brought.kind === 'personal') {
      unshared.add(lookup.key);
      return pass(x, { kind: 'bypass', fwd: 'bypass', detail: brought.reason });
    }
    const status = brought.kind === 'whole' ? brought.fwdStatus : brought.response.status;
    const cover = status >= 500 ? covering(known, 'error', x) : undefined;
    if (cover) {
      if (brought.kind !== 'whole') void brought.response.body?.cancel();
      return stale(cover, x);
    }
    if (brought.kind === 'whole') {
      unshared.remove(lookup.key);
      if (brought.renewSoon) renewals.askAgain(lookup, x);
      const { stored: it, kept, fwdStatus } = brought;
      return stored(it, x, { outcome: 'MISS', fwd, fwdStatus, ...(kept && { stored: true }) });
    }
    if (brought.kind === 'passed') {
      unshared.add(lookup.key);
      const detail = brought.reason;
      return { response: unstored(brought.response, x, { fwd, fwdStatus: status, detail }), outcome: 'MISS' };
    }
    unshared.remove(lookup.key);
    return {
      response: unstored(brought.response, x, { fwd, fwdStatus: status, stored: true }),
      outcome: 'MISS',
    };
  }

  /** Somebody else's fetch: its answer will do if it is whole and would have been chosen for this request as well. */
  async function follow(
    lookup: Lookup,
    x: X,
    brought: Brought,
    known: StoredResponse | undefined,
    fwd: ForwardReason,
  ): Promise<Answer> {
    const it =
      brought.kind === 'whole'
        ? brought.stored
        : brought.kind === 'streaming'
          ? await within(PATIENCE, brought.stored)
          : undefined;
    if (it && variantOf(it.varyNames, x.request.headers) === it.variant) {
      options.onCollapsed?.();
      const cover = it.status >= 500 ? covering(known, 'error', x) : undefined;
      return cover ? stale(cover, x) : stored(it, x, { outcome: 'MISS', fwd, collapsed: true });
    }
    if (brought.kind === 'personal')
      return pass(x, { kind: 'bypass', fwd: 'bypass', detail: brought.reason });
    const own = await flights.alone(lookup.key, (isCurrent) => bring({ lookup, x, known }, isCurrent));
    return lead(lookup, x, own, known, fwd);
  }

  /** Past the cache, but for what the exchange makes wrong in it. */
  async function pass(x: X, { fwd, detail }: Bypass): Promise<Answer> {
    const response = await forward(x).catch((error: unknown) => {
      throw told(error, { fwd, ...(detail !== undefined && { detail }) });
    });
    invalidateAfter(x, response);
    response.headers.set('X-Cache-Status', 'BYPASS');
    appendCacheStatus(response.headers, {
      fwd,
      fwdStatus: response.status,
      ...(detail !== undefined && { detail }),
    });
    return { response, outcome: 'BYPASS' };
  }

  /** What an unsafe request has made wrong, here; other proxies are told by purges alone. */
  function invalidateAfter({ request: { method }, host, target }: X, response: Response): void {
    if (!policy.keyOf) return;
    for (const url of invalidatedTargets({ method, host, url: target.url, response })) {
      const key = policy.keyOf(host, url);
      store.remove(key);
      purges.add([key]);
      flights.close(key);
    }
  }

  function asks({ request }: X): CacheControl {
    if (!policy.obeysClient) return NOTHING_ASKED;
    const field = request.headers.get('cache-control');
    // RFC 9111 section 5.4
    if (field === null && request.headers.get('pragma')?.includes('no-cache'))
      return parseCacheControl('no-cache');
    return parseCacheControl(field);
  }

  return {
    pass,
    /** Answers from the store where that is allowed, else from the origin. */
    async answer(x: X): Promise<Answer> {
      const plan = policy.plan(x);
      if (plan.kind === 'bypass') return pass(x, plan);
      const now = clock();
      const it = store.find(plan.key, x.request.headers, now);
      const asked = asks(x);
      const stage = it && stageFor(it, asked, now);
      if (it && stage === 'fresh') return stored(it, x, { outcome: 'HIT', hit: true });
      if (it && stage === 'stale-while-revalidate') {
        renewals.renew(plan, x, it);
        return stale(it, x);
      }
      if (asked.has('only-if-cached')) throw notCached();
      if (it && now < it.renewAfter && coversFor(it, 'unreachable', asked, now)) return stale(it, x);
      const fwd = forwardReason(it, asked, store.has(plan.key));
      if (x.request.method === 'HEAD' && !policy.wholeOnHead) return orStale(answerHead(x, it), it, x, fwd);
      if (asked.has('no-store')) return pass(x, { kind: 'bypass', fwd: 'request', detail: 'no-store' });
      if (x.request.headers.has('range') && !policy.wholeOnHead) {
        return orStale(pass(x, { kind: 'bypass', fwd: 'partial' }), it, x, 'partial');
      }
      return fromOrigin(plan, x, it, fwd);
    },
    /** Fetches now and replaces what is stored; the caller must have the right to. */
    async refresh(x: X): Promise<Answer> {
      const plan = policy.plan(x);
      if (plan.kind === 'bypass') return pass(x, plan);
      const brought = await flights.supersede(plan.key, (isCurrent) =>
        bring({ lookup: plan, x, anew: true }, isCurrent),
      );
      return lead(plan, x, brought, undefined, 'request');
    },
    /** Puts a newer answer in the place of one that is here; it was asked for when nothing had been purged since `mark`. */
    replace(it: StoredResponse, mark: number): void {
      if (store.has(it.key)) keeper.keep(it, mark);
    },
    /** To be taken before a newer answer is asked for elsewhere. */
    mark: keeper.mark,
    /** Forgets everything with one of the tags, also what is being fetched right now. @returns how many keys */
    purge(tags: readonly string[]): number {
      purges.add(tags);
      flights.closeAll();
      return store.purge(tags);
    },
    /**
     * Fetches everything with one of the tags anew, also what is being fetched right now, and gives what there was until
     * then. @returns how many could not be fetched; they are given as stale ones, and fetched when they are asked for
     */
    renew(tags: readonly string[], requestFor: (key: string) => X | undefined): Promise<number> {
      purges.add(tags);
      flights.closeAll();
      return refetch(tags, requestFor);
    },
    /** Forgets everything. */
    clear(): void {
      purges.addAll();
      flights.closeAll();
      store.clear();
    },
  };
}
export type HttpCache<X extends CacheRequest> = ReturnType<typeof createHttpCache<X>>;

function forwardReason(
  known: StoredResponse | undefined,
  asked: CacheControl,
  hasOtherVariant: boolean,
): ForwardReason {
  if (known) return asked.has('no-cache') || asked.has('max-age') ? 'request' : 'stale';
  return hasOtherVariant ? 'vary-miss' : 'uri-miss';
}

/** RFC 9111 section 5.2.1.7 */
const notCached = () =>
  told(new ProblemError(504, 'SYS_5004', 'Nothing suitable is cached, and that was asked for.'), {
    detail: 'only-if-cached',
  });

/** An error says as well what this cache did. */
function told(error: unknown, handling: Handling): unknown {
  if (!(error instanceof ProblemError)) return error;
  const { status, code, message, errors, cause } = error;
  const headers = { ...error.headers, 'Cache-Status': cacheStatus(handling) };
  return new ProblemError(status, code, message, { headers, cause, ...(errors && { errors }) });
}

/** `it`, or undefined if it is not there in time (milliseconds). */
function within<T>(time: number, it: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, time, undefined);
  });
  return Promise.race([it, late]).finally(() => clearTimeout(timer));
}

function unstored(response: Response, { request }: CacheRequest, handling: Handling): Response {
  const { headers, status } = response;
  headers.set('X-Cache-Status', 'MISS');
  appendCacheStatus(headers, handling);
  if (request.method !== 'HEAD') return response;
  void response.body?.cancel();
  return new Response(null, { status, headers });
}
