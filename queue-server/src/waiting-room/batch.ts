/** Answers of one key each. */
export type Batched<T> = (key: string) => Promise<T>;

/**
 * Gathers what is asked in one turn of the event loop into one call of `work`, which answers its keys in their order.
 * Who asks for the same key at the same moment shares the answer.
 */
export function createBatch<T>(
  limit: number,
  work: (keys: readonly string[]) => Promise<readonly T[]>,
): Batched<T> {
  let gathering: { keys: Map<string, number>; answers: Promise<readonly T[]> } | undefined;

  function gather() {
    const keys = new Map<string, number>();
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (gathering?.keys === keys) gathering = undefined;
      return work([...keys.keys()]);
    });
    return { keys, answers };
  }

  return async (key) => {
    if (!gathering || gathering.keys.size >= limit) gathering = gather();
    const { keys, answers } = gathering;
    const at = keys.get(key) ?? keys.size;
    keys.set(key, at);
    const answer = (await answers)[at];
    if (answer === undefined) throw new Error('a batch was answered in part');
    return answer;
  };
}
