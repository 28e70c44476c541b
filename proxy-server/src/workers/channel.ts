import { isOrder, type Order, type Report } from './messages.ts';
import { WORKER_MARK } from './worker-process.ts';

/** Whether this process is one of several, and has a supervisor to answer to. */
export const isWorker = (): boolean => process.env[WORKER_MARK] !== undefined && process.send !== undefined;

/** The worker's end of the channel to its supervisor. Without one there is nobody to tell. */
export function openChannel() {
  const report = (message: Report) =>
    new Promise<void>((resolve) => {
      if (!isWorker() || !process.connected) return resolve();
      process.send?.(message, undefined, undefined, () => resolve());
    });

  return {
    report,
    onOrder(obey: (order: Order) => unknown): void {
      if (!isWorker()) return;
      process.on('message', (message) => {
        if (isOrder(message)) obey(message);
      });
      // A supervisor that was killed takes no worker with it, and must not leave one behind.
      process.on('disconnect', drain);
      if (!process.connected) drain();
    },
  };
}
export type Channel = ReturnType<typeof openChannel>;

/** As on a signal from outside: there is one way to leave. */
export const drain = (): void => void process.kill(process.pid, 'SIGTERM');
