const MARK_MS = 5_000;
const MAX_MARKS = 10_000;

/**
 * Remembers for a moment which pages turned out to be personal, so that their visitors do not
 * queue up behind a fetch that none of them can use ("hit for miss").
 */
export function createPersonalMarks(clock: () => number) {
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
export type PersonalMarks = ReturnType<typeof createPersonalMarks>;
