import type { Logger } from '@doa-market/common/logging';
import type { Figures } from './messages.ts';
import { spawnWorker, type Worker } from './worker-process.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Who has lived this long is not one that cannot start. */
const SETTLED_AFTER_MS = 30_000;

interface PoolOptions {
  size: number;
  logger: Logger;
  /** Told what a worker that has left had counted. */
  onGone: (figures: Figures) => unknown;
}

/** Keeps `size` workers on one port: in place of one that dies comes another, after growing pauses. */
export function createPool({ size, logger, onGone }: PoolOptions) {
  /** In the order in which the kernel has their listeners: the last takes the place of one that leaves. */
  const places: Worker[] = [];
  const processes = new Set<Worker>();
  const retiring = new Set<Worker>();
  const exitCodes: number[] = [];
  let closing = false;
  let pause = FIRST_PAUSE_MS;
  let replacements = Promise.resolve();

  function leavePlace(worker: Worker): void {
    const index = places.indexOf(worker);
    const last = index < 0 ? undefined : places.pop();
    if (last && last !== worker) places[index] = last;
  }

  /** @returns undefined where it ended before it listened */
  async function launch(): Promise<Worker | undefined> {
    const worker = spawnWorker();
    const startedAt = performance.now();
    processes.add(worker);
    void worker.left.then(() => leavePlace(worker));
    const gone = worker.exited.then((code) => {
      processes.delete(worker);
      onGone(worker.lastFigures());
      if (closing) exitCodes.push(code);
      return code;
    });
    if (!(await worker.listening)) return undefined;
    places.push(worker);
    void gone.then((code) => {
      if (closing || retiring.delete(worker)) return;
      if (performance.now() - startedAt > SETTLED_AFTER_MS) pause = FIRST_PAUSE_MS;
      logger.error({ worker: worker.pid, code, pause }, 'a worker died; another will take its place');
      void restart();
    });
    if (closing) worker.terminate();
    return worker;
  }

  async function restart(): Promise<void> {
    while (!closing) {
      await Bun.sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      if (closing || (await launch())) return;
      logger.error({ pause }, 'a worker did not start');
    }
  }

  async function replace(old: Worker): Promise<boolean> {
    const fresh = await launch();
    if (!fresh || closing) return false;
    const index = places.indexOf(old);
    if (index < 0) return true;
    retiring.add(old);
    old.retire({ index, of: places.length });
    await old.left;
    fresh.spread();
    await old.exited;
    return true;
  }

  async function replaceAll(): Promise<void> {
    const before = [...places];
    logger.info({ workers: before.length }, 'replacing the workers one after another');
    for (const old of before) {
      if (closing) return;
      if (!places.includes(old)) continue;
      if (await replace(old)) continue;
      if (!closing) logger.error('a new worker did not start: the old ones stay');
      return;
    }
    logger.info('all workers are replaced');
  }

  return {
    places,
    /** One after another, so that what is wrong with all of them is said once. @returns whether all started */
    async start(): Promise<boolean> {
      while (places.length < size) if (!(await launch())) return false;
      return true;
    },
    /** Puts new processes in place of all, without refusing a connection. */
    replaceAll(): Promise<void> {
      replacements = replacements.then(replaceAll);
      return replacements;
    },
    /** Lets all of them drain. @throws {Error} where one did not leave by itself */
    async close(): Promise<void> {
      closing = true;
      for (const worker of processes) worker.terminate();
      await Promise.all([...processes].map((worker) => worker.exited));
      if (exitCodes.some((code) => code !== 0)) throw new Error('a worker did not drain');
    },
    killAll: () => {
      for (const worker of processes) worker.kill();
    },
  };
}
export type Pool = ReturnType<typeof createPool>;
