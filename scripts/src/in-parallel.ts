import { availableParallelism } from 'node:os';

export interface Task {
  name: string;
  /** The names of those that have to be done before. */
  after: readonly string[];
}

/**
 * Does tasks on all cores, each as soon as what it waits for is done, in the order in which they are named. One that
 * fails aborts the others. @throws what it failed with, when all have ended
 */
export async function inParallel<T extends Task>(
  tasks: readonly T[],
  perform: (task: T, signal: AbortSignal) => Promise<void>,
  { signal, atOnce = availableParallelism() }: { signal?: AbortSignal | undefined; atOnce?: number } = {},
): Promise<void> {
  const failure = new AbortController();
  const ended = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const waiting = new Set(tasks);
  const running = new Set<Promise<void>>();
  const done = new Set<string>();

  async function run(task: T): Promise<void> {
    try {
      await perform(task, ended);
      done.add(task.name);
    } catch (error) {
      failure.abort(error);
    }
  }

  for (;;) {
    for (const task of waiting) {
      if (ended.aborted || running.size >= atOnce) break;
      if (!task.after.every((name) => done.has(name))) continue;
      waiting.delete(task);
      const work = run(task).finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  ended.throwIfAborted();
  if (waiting.size > 0)
    throw new Error(`nothing leads to ${[...waiting].map(({ name }) => name).join(', ')}`);
}
