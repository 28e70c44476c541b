/**
 * Runs `work` once at a time. Who asks while it runs gets the next run, which begins after the question: what was changed
 * before is seen by it. All who ask meanwhile share that one.
 */
export function singleFile<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;

  function run(): Promise<T> {
    next = undefined;
    const mine = work();
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    running = ended.then(() => {
      if (!next) running = undefined;
    });
    return mine;
  }

  return () => {
    if (!running) return run();
    next ??= running.then(run);
    return next;
  };
}
