/** Everything but the entries themselves, which are under the caller's keys (`html_cache:…`). */
const NAMESPACE = 'html_shared';

/** The purges by number, the last thousand of them. */
export const PURGE_LOG = `${NAMESPACE}:purges`;
/** Followed by a tag: the number of its last purge. */
export const MARK = `${NAMESPACE}:purged:`;

/** Who renders what is under `key`. */
export const lockOf = (key: string): string => `${NAMESPACE}:lock:${key}`;

/** Channels are common to all databases of a Redis; keys are not. */
export const channelOf = (database: number): string => `${NAMESPACE}:${database}:events`;
