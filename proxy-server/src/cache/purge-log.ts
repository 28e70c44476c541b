const MAX_TAGS = 10_000;

/**
 * Remembers which tags were purged since when, so that a fetch that began before a purge is not kept after it: what it
 * brings may be from before the change.
 */
export function createPurgeLog() {
  const purgedAs = new Map<string, number>();
  let sequence = 0;
  /** Purges up to this one have been forgotten. */
  let forgotten = 0;

  return {
    /** To be taken before a fetch begins. */
    mark: (): number => sequence,
    add(tags: readonly string[]): void {
      sequence += 1;
      for (const tag of tags) {
        purgedAs.delete(tag);
        purgedAs.set(tag, sequence);
      }
      for (const [tag, purged] of purgedAs) {
        if (purgedAs.size <= MAX_TAGS) break;
        purgedAs.delete(tag);
        forgotten = purged;
      }
    },
    /** Everything may have changed. */
    addAll(): void {
      sequence += 1;
      purgedAs.clear();
      forgotten = sequence;
    },
    /** Whether what began at `mark` and has these tags may be out of date. */
    hasSince: (mark: number, tags: readonly string[]): boolean =>
      mark < forgotten || tags.some((tag) => (purgedAs.get(tag) ?? 0) > mark),
  };
}
export type PurgeLog = ReturnType<typeof createPurgeLog>;
