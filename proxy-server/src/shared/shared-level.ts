/** The second level of the cache as the first one sees it. It never looks into what it keeps. */

export interface SharedEntry {
  /** Whatever it shows; a purge of any of them is the end of it. */
  readonly tags: readonly string[];
  /** Milliseconds; longer than the level keeps anything means as long as it does. */
  readonly keepFor: number;
  readonly payload: Uint8Array;
}

export interface SharedHit {
  readonly payload: Uint8Array;
  /** Names this payload under this key, and no other. */
  readonly version: string;
}

export type StoreOutcome =
  | { readonly kind: 'stored'; readonly version: string }
  /** Something it shows was purged after the claim: it may be out of date, and nobody may keep it. */
  | { readonly kind: 'purged' }
  /** The lock had expired: another process may have rendered since. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'unavailable' };

/** The right to render one key, which ends with `store` or `release`, whichever comes first. */
export interface GrantedClaim {
  readonly kind: 'granted';
  /** Never rejects. Whatever comes of it, those who wait are told. */
  store(entry: SharedEntry): Promise<StoreOutcome>;
  /** Gives up: the next one renders. Never rejects; does nothing after `store`. */
  release(): Promise<void>;
}

export type Claim =
  | GrantedClaim
  /** Somebody has stored it since the caller looked. */
  | { readonly kind: 'stored'; readonly hit: SharedHit }
  /**
   * Another process renders. `settled` resolves with what it stored; with undefined when it gave up or died, its
   * result was purged, or Redis went away: then the caller claims again, or goes itself. Never rejects.
   */
  | { readonly kind: 'elsewhere'; readonly settled: Promise<SharedHit | undefined> }
  /** Redis is away or hung: everybody for themselves. */
  | { readonly kind: 'unavailable' };

export interface SharedLevel {
  /**
   * What is stored under `key` and not purged. Never rejects, and never takes longer than a short deadline: a Redis
   * that is away is a miss. A purge may become known while the answer is on its way, so whoever keeps it looks
   * whether `onPurged` or `onLost` was called since it asked.
   */
  get(key: string): Promise<SharedHit | undefined>;
  /**
   * Asks to be the one that renders `key`. `known` is the version that the caller has seen and finds too old, if
   * any; any other one that is stored answers the claim at once. Never rejects.
   */
  claim(key: string, known?: string): Promise<Claim>;
  /**
   * Puts `entry` in place of the one of that version, for example to add the body in another encoding; it is as old as
   * what it replaces. Answers its version; undefined where another one is stored, or none. Never rejects.
   */
  replace(key: string, version: string, entry: SharedEntry): Promise<string | undefined>;
  /**
   * Ends every entry, and every render under way, that shows any of the tags, in all processes. When it resolves,
   * `onPurged` has been called here. @throws where Redis cannot be told: it must be asked again
   */
  purge(tags: readonly string[]): Promise<void>;
  /** Whether Redis answers, and all purges so far are known here. */
  isAvailable(): boolean;
  /** Releases what is held and ends all waiting. */
  close(): Promise<void>;
}

export interface SharedLevelEvents {
  /** Somebody, possibly this process, purged these. */
  onPurged(tags: readonly string[]): void;
  /** Purges may have been missed: nothing in the first level can be trusted. Also at the first contact with Redis. */
  onLost(): void;
  /** Another process stored a newer one under `key`. Only a hint: it may not come. */
  onStored(key: string, version: string): void;
}

/** Purging this ends everything. */
export const EVERYTHING = '*';
