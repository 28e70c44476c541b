const MARK_MS = 5_000;
const MAX_MARKS = 10_000;

/**
 * Remembers for a moment which keys turned out to have no answer that can be shared, so that their visitors do not
 * queue up behind a fetch that none of them can use (Varnish calls it "hit for miss").
 */
export function createUnsharedMarks(clock: () => number) {
  const until = new Map<string, number>();
  return {
    add(key: string): void {
      until.delete(key);
      until.set(key, clock() + MARK_MS);
      const [oldest] = until.keys();
      if (until.size > MAX_MARKS && oldest !== undefined) until.delete(oldest);
    },
    has: (key: string): boolean => (until.get(key) ?? 0) > clock(),
    remove: (key: string): boolean => until.delete(key),
  };
}
export type UnsharedMarks = ReturnType<typeof createUnsharedMarks>;
