import { type Figures, isReport, type Order, type Place, type ReadyAnswer } from './messages.ts';

/** Marks a process as one of several, in its environment. */
export const WORKER_MARK = 'PROXY_WORKER';
/** A worker that is busy for longer than this is left out of an answer. */
const ANSWER_WITHIN_MS = 1_000;

/** Starts this very program once more, as a worker with a channel to us; its lines go where ours go. */
export function spawnWorker() {
  const waiting = { figures: createPromises<Figures>(), ready: createPromises<ReadyAnswer>() };
  let figures: Figures = [];
  const listening = Promise.withResolvers<boolean>();
  const left = Promise.withResolvers<void>();

  const child = Bun.spawn([process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [WORKER_MARK]: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
    serialization: 'json',
    ipc(message) {
      if (!isReport(message)) return;
      if (message.type === 'listening') listening.resolve(true);
      if (message.type === 'left') left.resolve();
      if (message.type === 'ready') waiting.ready.settle(message.answer);
      if (message.type === 'figures') {
        figures = message.figures;
        waiting.figures.settle(figures);
      }
    },
    onExit() {
      listening.resolve(false);
      left.resolve();
    },
  });
  const order = (message: Order) => {
    if (child.exitCode === null && child.signalCode === null) child.send(message);
  };

  return {
    pid: child.pid,
    /** Whether it came to listen before it ended. */
    listening: listening.promise,
    /** Its listener is closed. */
    left: left.promise,
    /** Its exit code; 1 where a signal ended it. */
    exited: child.exited.then(() => child.exitCode ?? 1),
    /** What it counted when it last said so. */
    lastFigures: () => figures,
    async figures(): Promise<Figures> {
      const answer = waiting.figures.next();
      order({ type: 'figures' });
      return Promise.race([answer, Bun.sleep(ANSWER_WITHIN_MS).then(() => figures)]);
    },
    async ready(): Promise<ReadyAnswer | undefined> {
      const answer = waiting.ready.next();
      order({ type: 'ready' });
      return Promise.race([answer, Bun.sleep(2 * ANSWER_WITHIN_MS).then(() => undefined)]);
    },
    retire: (place: Place) => order({ type: 'retire', place }),
    spread: () => order({ type: 'spread' }),
    terminate: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
  };
}
export type Worker = ReturnType<typeof spawnWorker>;

/** Everybody who waits for the next answer of a kind gets the same one. */
function createPromises<Answer>() {
  let pending: ReturnType<typeof Promise.withResolvers<Answer>> | undefined;
  return {
    next: (): Promise<Answer> => {
      pending ??= Promise.withResolvers<Answer>();
      return pending.promise;
    },
    settle: (answer: Answer) => {
      pending?.resolve(answer);
      pending = undefined;
    },
  };
}
