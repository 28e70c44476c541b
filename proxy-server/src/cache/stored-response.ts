import type { Lifetime } from './freshness.ts';

/** The content codings that are stored beside the answer as it came. */
export type Encoding = 'identity' | 'gzip' | 'br';

/** One body that can be sent as it is. */
export interface Representation {
  readonly encoding: Encoding;
  readonly body: Uint8Array;
  /** Strong validators differ between encodings (RFC 9110 section 8.8.3.3). */
  readonly etag: string | null;
  /** The head as it was last written; Age moves once a second, so it is rewritten once a second. */
  written?: { second: number; mark: string; headers: Headers };
  /** The answer that fresh hits of one second are clones of. */
  master?: { second: number; response: Response };
  /** The body once more, in the form that can be sent without a copy. */
  blob?: Blob;
}

export type Representations = Partial<Record<Encoding, Representation>> & { identity: Representation };

/** An answer as it is kept. What changes about it makes a new one, but for the two fields at the end. */
export interface StoredResponse {
  readonly key: string;
  /** Under which fields of the request it was chosen, and what they said; see fields/vary.ts. */
  readonly varyNames: readonly string[];
  readonly variant: string;
  /** What it can be purged by. */
  readonly tags: readonly string[];
  readonly status: number;
  /** End-to-end fields, without those that differ between representations. */
  readonly headers: Headers;
  readonly lifetime: Lifetime;
  /** When its age was 0, and when it came, in milliseconds of the cache's clock. */
  readonly bornAt: number;
  readonly storedAt: number;
  /** Under which name another level has the same answer. */
  version?: string;
  /** Encodings that take their time are added later. */
  representations: Representations;
  /** No renewal before this: the origin failed, or was itself stale, a moment ago. */
  renewAfter: number;
}

/** What a response costs beside its bodies and what is written of it: objects and bookkeeping. */
const OVERHEAD = 2_048;

export function sizeOf({ key, variant, headers, representations }: StoredResponse): number {
  let size = OVERHEAD + key.length + variant.length;
  for (const [name, value] of headers) size += name.length + value.length;
  for (const { body } of Object.values(representations)) size += body.byteLength;
  return size;
}

/** The validators of the answer as the origin gave it. */
export const validatorsOf = ({ headers, representations }: StoredResponse) => ({
  etag: representations.identity.etag,
  lastModified: headers.get('last-modified'),
});
