/** Answers of one key each, of a group. */
export type Batched<T> = (group: string, key: string) => Promise<T>;

/**
 * Gathers what is asked of a group in one turn of the event loop into one call of `work`, which answers its keys in their
 * order. Who asks for the same key at the same moment shares the answer.
 */
export function createBatch<T>(
  limit: number,
  work: (group: string, keys: readonly string[]) => Promise<readonly T[]>,
): Batched<T> {
  const gathering = new Map<string, { keys: Map<string, number>; answers: Promise<readonly T[]> }>();

  function gather(group: string) {
    const keys = new Map<string, number>();
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (gathering.get(group)?.keys === keys) gathering.delete(group);
      return work(group, [...keys.keys()]);
    });
    const batch = { keys, answers };
    gathering.set(group, batch);
    return batch;
  }

  return async (group, key) => {
    const there = gathering.get(group);
    const { keys, answers } = there && there.keys.size < limit ? there : gather(group);
    const at = keys.get(key) ?? keys.size;
    keys.set(key, at);
    const answer = (await answers)[at];
    if (answer === undefined) throw new Error('a batch was answered in part');
    return answer;
  };
}
