import { ProblemError } from '@doa-market/common/errors';
import { readBody } from '../streams/read-body.ts';
import { teeBody } from '../streams/tee-body.ts';
import { responseControl } from './fields/response-control.ts';
import { variantOf } from './fields/vary.ts';
import { ageOnArrival, type Lifetime, lifetimeOf } from './freshness.ts';
import type { Keeper, Kept } from './keeper.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Arrived, CachePolicy, CacheRequest, Lookup, Verdict } from './policy.ts';
import { unstorable } from './storability.ts';
import type { Representations, StoredResponse } from './stored-response.ts';
import { conditionsFor, confirms, mergedHeaders } from './validation.ts';

/** What a fetch came to. */
export type Brought =
  /** Whole, and for everybody who waits; `fwdStatus` is what the origin answered with. */
  | {
      kind: 'whole';
      stored: StoredResponse;
      kept: boolean;
      finished: Promise<void>;
      fwdStatus: number;
      renewSoon: boolean;
    }
  /** On its way to the one who asked; the others can have it once it is there. */
  | { kind: 'streaming'; response: Response; stored: Promise<StoredResponse | undefined> }
  | { kind: 'passed'; response: Response; reason: string }
  | { kind: 'personal'; reason: string; fwdStatus: number };

/** What is to be fetched, and for whom. */
export interface Wish<X extends CacheRequest> {
  readonly lookup: Lookup;
  readonly x: X;
  /** A stored answer that the origin may confirm. */
  readonly known?: StoredResponse | undefined;
  /** Whether nothing will do but what the origin says from now on. */
  readonly anew?: boolean;
}

/** Fetches what is wished for. `isCurrent` tells whether no later fetch has ended before; it is asked once, at the end. */
export type Bring<X extends CacheRequest> = (wish: Wish<X>, isCurrent: () => boolean) => Promise<Brought>;

interface BringOptions<X extends CacheRequest> {
  policy: CachePolicy<X>;
  store: MemoryStore;
  keeper: Keeper;
  maxBodyBytes: number;
  clock: () => number;
  /** Told of what nobody waits for. */
  onFailure: (key: string, error: unknown) => void;
}

/** How soon an origin that was itself about to renew is asked again, in milliseconds. */
export const ASK_AGAIN_AFTER = 1_000;
/** Whether a status makes what is stored wrong: it has gone, moved or closed. */
const replacesStored = (status: number): boolean =>
  status >= 200 && status < 500 && !SAYS_NOTHING.has(status);

/** Whether what any level has under the key is wrong now, and nothing good has come to take its place. */
export function endsStored(brought: Brought): boolean {
  if (brought.kind === 'personal') return replacesStored(brought.fwdStatus);
  if (brought.kind !== 'whole') return false;
  const { status, lifetime } = brought.stored;
  return replacesStored(status) && (status !== 200 || lifetime === NO_LIFE);
}
/** A part, a confirmation of what the client has, and a refusal for the moment. */
const SAYS_NOTHING = new Set([206, 304, 429]);

/** Builds the fetch from the origin whose outcome changes the store. */
export function createBring<X extends CacheRequest>(options: BringOptions<X>): Bring<X> {
  const { policy, store, keeper, maxBodyBytes, clock, onFailure } = options;

  interface Fetched {
    lookup: Lookup;
    response: Response;
    sent: Headers;
    requestedAt: number;
    respondedAt: number;
    keep: (stored: StoredResponse, verdict: Verdict) => Kept;
  }

  function arrival({ lookup, sent, respondedAt }: Fetched, status: number, headers: Headers): Arrived {
    const control = responseControl(headers);
    const forbidden = unstorable({ request: sent, response: { status, headers }, control, respondedAt });
    const lifetime = lifetimeOf({ headers, control, respondedAt });
    return { lookup, status, headers, control, lifetime, forbidden };
  }

  function record(
    { lookup, sent, requestedAt, respondedAt }: Fetched,
    status: number,
    headers: Headers,
    representations: Representations,
    verdict: Verdict,
  ): StoredResponse {
    const kept = verdict.kind === 'keep' ? verdict : undefined;
    const age = Math.max(kept?.aged ?? 0, ageOnArrival({ headers, requestedAt, respondedAt }));
    const names = policy.chosenBy(headers);
    const stored = policy.endToEnd(headers);
    for (const name of ['age', 'content-length', ...(policy.encode ? ['etag', 'accept-ranges'] : [])]) {
      stored.delete(name);
    }
    return {
      key: lookup.key,
      varyNames: names,
      variant: variantOf(names, sent),
      tags: kept?.tags ?? lookup.tags,
      status,
      headers: stored,
      lifetime: kept?.lifetime ?? NO_LIFE,
      bornAt: respondedAt - 1_000 * age,
      storedAt: respondedAt,
      renewAfter: kept?.renewSoon ? respondedAt + ASK_AGAIN_AFTER : 0,
      representations,
    };
  }

  /** An origin's word that what is stored still holds (RFC 9111 section 4.3.4). */
  function confirmed(fetched: Fetched, known: StoredResponse): Brought | undefined {
    const { response, keep } = fetched;
    if (!confirms(response.headers, known)) return undefined;
    const headers = mergedHeaders(known.headers, response.headers);
    // The stored body has a length, whatever the confirmation says of it.
    headers.set('Content-Length', String(known.representations.identity.body.byteLength));
    const { etag } = known.representations.identity;
    if (etag !== null) headers.set('ETag', etag);
    const judged = policy.judge(arrival(fetched, known.status, headers));
    // A confirmation need not say again what the answer shows.
    const verdict =
      judged.kind === 'keep' ? { ...judged, tags: [...new Set([...known.tags, ...judged.tags])] } : judged;
    const stored = record(fetched, known.status, headers, withoutHeads(known.representations), verdict);
    if (verdict.kind !== 'keep') store.remove(known.key);
    return {
      kind: 'whole',
      stored,
      ...keep(stored, verdict),
      fwdStatus: 304,
      renewSoon: renewsSoon(verdict),
    };
  }

  async function whole(
    fetched: Fetched,
    verdict: Verdict,
    encode: (body: Uint8Array) => Promise<Representations>,
  ): Promise<Brought> {
    const { response, keep } = fetched;
    const { status, headers } = response;
    const body = await readBody(response, maxBodyBytes);
    if (!body.complete) return passed(response, body.stream, 'too large');
    const judged = withTags(verdict, policy.shownBy?.(body.bytes));
    const stored = record(fetched, status, headers, await encode(body.bytes), judged);
    const renewSoon = renewsSoon(verdict);
    return { kind: 'whole', stored, ...keep(stored, judged), fwdStatus: status, renewSoon };
  }

  function streaming(fetched: Fetched, verdict: Verdict): Brought {
    const { response, keep } = fetched;
    const { status, headers, body } = response;
    if (Number(headers.get('content-length') ?? 0) > maxBodyBytes) return passed(response, body, 'too large');
    const keepAll = async (bytes: Uint8Array | undefined) => {
      if (bytes === undefined) return undefined;
      const identity = { encoding: 'identity' as const, body: bytes, etag: headers.get('etag') };
      const stored = record(fetched, status, headers, { identity }, verdict);
      return keep(stored, verdict).kept ? stored : undefined;
    };
    const collect = (bytes: Uint8Array | undefined) =>
      keepAll(bytes).catch((error: unknown) => {
        onFailure(fetched.lookup.key, error);
        return undefined;
      });
    if (!body) {
      const stored = collect(new Uint8Array());
      return { kind: 'streaming', response: onward(response, null), stored };
    }
    const { stream, whole: bytes } = teeBody(body, maxBodyBytes);
    return { kind: 'streaming', response: onward(response, stream), stored: bytes.then(collect) };
  }

  const onward = ({ status, statusText, headers }: Response, body: ReadableStream<Uint8Array> | null) =>
    new Response(body, { status, statusText, headers: policy.endToEnd(headers) });

  const passed = (response: Response, body: ReadableStream<Uint8Array> | null, reason: string): Brought => ({
    kind: 'passed',
    response: onward(response, body),
    reason,
  });

  return async function bring(wish, isCurrent) {
    const { lookup, x, known } = wish;
    const mark = keeper.mark();
    const requestedAt = clock();
    const { response, sent } = await policy.ask(x, lookup, known && conditionsFor(known));
    const keep = (stored: StoredResponse, verdict: Verdict): Kept =>
      verdict.kind === 'keep' && isCurrent() ? keeper.keep(stored, mark) : NOT_KEPT;
    const accepted = x.request.headers.get('accept-encoding');
    const fetched: Fetched = { lookup, response, sent, requestedAt, respondedAt: clock(), keep };
    if (response.status === 304 && known) {
      const brought = confirmed(fetched, known);
      if (brought) return brought;
      await response.body?.cancel();
      return bring({ ...wish, known: undefined }, isCurrent);
    }
    const arrived = arrival(fetched, response.status, response.headers);
    const verdict = policy.judge(arrived);
    if (verdict.kind === 'personal') await response.body?.cancel();
    if (verdict.kind !== 'keep' && replacesStored(response.status) && isCurrent()) store.remove(lookup.key);
    if (verdict.kind === 'personal') return { ...verdict, fwdStatus: response.status };
    if (verdict.kind === 'pass') return passed(response, response.body, verdict.reason);
    const encode = policy.encode;
    if (!encode) return streaming(fetched, verdict);
    return whole(fetched, verdict, (body) => encode(arrived, body, accepted)).catch((cause: unknown) => {
      throw new ProblemError(502, 'SYS_5002', 'The server behind broke off its answer.', { cause });
    });
  };
}

const NOT_KEPT: Kept = { kept: false, finished: Promise.resolve() };

const withTags = (verdict: Verdict, tags: readonly string[] = []): Verdict =>
  verdict.kind === 'keep' && tags.length > 0
    ? { ...verdict, tags: [...new Set([...verdict.tags, ...tags])] }
    : verdict;

const renewsSoon = (verdict: Verdict): boolean => verdict.kind === 'keep' && verdict.renewSoon === true;

/** For what is shared with those who wait and then forgotten. */
const NO_LIFE: Lifetime = {
  fresh: 0,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  staleIfUnreachable: false,
  staleOnDemand: false,
};

/** The same bodies; the heads that were written for them are of the time before. */
const withoutHeads = ({ identity, gzip, br }: Representations): Representations => {
  const bare = ({ encoding, body, etag }: Representations['identity']) => ({ encoding, body, etag });
  return { identity: bare(identity), ...(gzip && { gzip: bare(gzip) }), ...(br && { br: bare(br) }) };
};
