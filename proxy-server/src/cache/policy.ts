import type { ForwardReason } from './cache-status.ts';
import type { ResponseControl } from './fields/response-control.ts';
import type { Lifetime } from './freshness.ts';
import type { Representations, StoredResponse } from './stored-response.ts';

/** What the cache has to know of a request; whoever calls it may know more. */
export interface CacheRequest {
  readonly request: Request;
  readonly host: string;
  readonly target: { /** In origin form. */ readonly url: string };
}

export interface Bypass {
  readonly kind: 'bypass';
  readonly fwd: ForwardReason;
  readonly detail?: string;
}

/** Where the answer to a request is kept. */
export interface Lookup {
  readonly kind: 'lookup';
  readonly key: string;
  /** What it can be purged by, as far as that is known before it is there. */
  readonly tags: readonly string[];
  /** Whether another request that asks for the same may wait for this one's answer. */
  readonly shareable: boolean;
}

/** An answer that has just come from an origin, before its body. */
export interface Arrived {
  readonly lookup: Lookup;
  readonly status: number;
  readonly headers: Headers;
  readonly control: ResponseControl;
  /** What RFC 9111 gives it. */
  readonly lifetime: Lifetime;
  /** Why RFC 9111 forbids to keep it, if it does. */
  readonly forbidden: string | undefined;
}

export type Verdict =
  /** `aged`: seconds that count as lived already; `renewSoon`: the origin is about to have a newer one. */
  | { kind: 'keep'; lifetime: Lifetime; tags: readonly string[]; aged?: number; renewSoon?: boolean }
  /** Not kept, but the same for everybody who waits for it. */
  | { kind: 'share'; reason: string }
  /** For the one who asked. */
  | { kind: 'pass'; reason: string }
  /** For nobody: it may depend on what was held back, so each has to ask as himself. */
  | { kind: 'personal'; reason: string };

/** What may be kept, under which name, and how its origin is asked: all that differs between one use and another. */
export interface CachePolicy<X extends CacheRequest> {
  /** Whether a client's Cache-Control counts; where everybody is a stranger, it would let anyone order renders. */
  readonly obeysClient: boolean;
  /** Whether HEAD fetches the whole answer on a miss, for the sake of those who come after. */
  readonly wholeOnHead: boolean;
  plan(x: X): Lookup | Bypass;
  /**
   * @param conditions those of the cache itself, in place of the client's; undefined where nothing is stored
   * @returns the answer, and the fields that it was an answer to
   */
  ask(
    x: X,
    lookup: Lookup,
    conditions?: Record<string, string>,
  ): Promise<{ response: Response; sent: Headers }>;
  /** The fields that may leave this hop. */
  endToEnd(headers: Headers): Headers;
  judge(arrived: Arrived): Verdict;
  /** The request fields by which an answer was chosen, lower case and sorted. */
  chosenBy(headers: Headers): string[];
  /**
   * Where the answer to another target of the same host is kept. Without it no unsafe request ends what is stored
   * (RFC 9111 section 4.4): where everybody is a stranger, it would let anyone order renders.
   */
  keyOf?(host: string, url: string): string;
  /**
   * Makes a body ready to be sent in what the first one takes; where there is no such function, bodies stream to the
   * one who asked while they are stored.
   */
  encode?(arrived: Arrived, body: Uint8Array, accepted: string | null): Promise<Representations>;
  /** What a body says that it shows, beside what is known of it already. */
  shownBy?(body: Uint8Array): readonly string[];
  /** The encodings that take their time, made while the answer is served already. */
  finish?(stored: StoredResponse): Promise<Representations | undefined>;
  /** The last word on what may be kept, with its body at hand. */
  admit?(stored: StoredResponse): boolean;
}
