/**
 * Rejects when `work` has not settled within `patience` milliseconds. What comes later is ignored.
 * An event loop that was busy for so long finds the answer and the timer due together: the answer wins.
 */
export function within<T>(work: Promise<T>, patience: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => setImmediate(() => reject(new Error(`no answer within ${patience} ms`))),
      patience,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
