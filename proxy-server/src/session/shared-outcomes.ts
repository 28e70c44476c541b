interface SharedOutcomesOptions<Outcome> {
  clock: () => number;
  /** How long an outcome is good for those who ask the same again, in milliseconds. */
  keepFor: (outcome: Outcome) => number;
}

interface Entry<Outcome> {
  outcome: Promise<Outcome>;
  /** Infinity while it is under way. */
  until: number;
}

const MAX_ENTRIES = 10_000;

/**
 * One piece of work per key at a time, and its outcome for a moment after: of many requests that a
 * browser sends at once, some arrive when the first is answered already.
 */
export function createSharedOutcomes<Outcome>({ clock, keepFor }: SharedOutcomesOptions<Outcome>) {
  const entries = new Map<string, Entry<Outcome>>();

  function put(key: string, entry: Entry<Outcome>): void {
    entries.delete(key);
    entries.set(key, entry);
    for (const [oldest, { until }] of entries) {
      if (until > clock() && entries.size <= MAX_ENTRIES) break;
      entries.delete(oldest);
    }
  }

  return {
    /** @param work never rejects; @param aliasOf another key that the outcome is good for as well */
    join(key: string, work: () => Promise<Outcome>, aliasOf?: (outcome: Outcome) => string | undefined) {
      const known = entries.get(key);
      if (known && clock() < known.until) return known.outcome;
      const entry: Entry<Outcome> = {
        until: Number.POSITIVE_INFINITY,
        outcome: work().then((outcome) => {
          if (entry.until !== 0) entry.until = clock() + keepFor(outcome);
          const alias = aliasOf?.(outcome);
          if (alias !== undefined) put(alias, entry);
          return outcome;
        }),
      };
      put(key, entry);
      return entry.outcome;
    },
    /** Whoever comes next asks anew, under the alias as well. */
    forget(key: string): void {
      const entry = entries.get(key);
      if (entry) entry.until = 0;
      entries.delete(key);
    },
  };
}
