import type { Commands } from './commands.ts';
import type { Link } from './link.ts';
import type { SharedHit } from './shared-level.ts';

/** Milliseconds between two looks at the locks, for when the message is lost or their owner died. */
const LOOK_EVERY = 150;
/** Locks that one command looks at. */
const BATCH = 1_000;

interface Wait {
  /** Whose render it is waited for. */
  holder: string;
  settled: Promise<SharedHit | undefined>;
  settle: (hit: SharedHit | undefined | Promise<SharedHit | undefined>) => void;
}

/** Waits for what other processes render: one wait per key, one command for all of them. */
export function createWaiting(link: Link, commands: Commands) {
  const waits = new Map<string, Wait>();
  let timer: NodeJS.Timeout | undefined;

  const fetch = (key: string) => link.ask(() => commands.get(key)).catch(() => undefined);

  function begin(key: string, holder: string): Wait['settled'] {
    let settle: Wait['settle'] = () => undefined;
    const settled: Wait['settled'] = new Promise((resolve) => {
      settle = resolve;
    });
    waits.set(key, { holder, settled, settle });
    return settled;
  }

  function end(key: string, wait: Wait, hit?: Promise<SharedHit | undefined>): void {
    if (waits.get(key) !== wait) return;
    waits.delete(key);
    wait.settle(hit);
  }

  function endAll(): void {
    for (const [key, wait] of waits) end(key, wait);
  }

  async function lookAt(batch: [key: string, wait: Wait][]): Promise<void> {
    const holders = await link.ask(() => commands.holders(batch.map(([key]) => key)));
    for (const [index, [key, wait]] of batch.entries()) {
      if (holders[index] !== wait.holder) end(key, wait, fetch(key));
    }
  }

  async function look(): Promise<void> {
    const all = [...waits];
    try {
      for (let start = 0; start < all.length; start += BATCH) await lookAt(all.slice(start, start + BATCH));
    } catch {
      // One that is slow may be asked again; one that is away leaves everybody to themselves.
      if (link.isOpen()) endAll();
    }
    timer = waits.size > 0 ? setTimeout(look, LOOK_EVERY) : undefined;
  }

  return {
    /** Resolves when the render of `holder` is over, with what is stored then. */
    wait(key: string, holder: string): Promise<SharedHit | undefined> {
      const known = waits.get(key);
      if (known?.holder === holder) return known.settled;
      if (known) end(key, known, fetch(key));
      timer ??= setTimeout(look, LOOK_EVERY);
      return begin(key, holder);
    },
    /** A message said that this render is over. */
    heard(key: string, holder: string, kind: 'stored' | 'released'): void {
      const wait = waits.get(key);
      if (wait?.holder === holder) end(key, wait, kind === 'stored' ? fetch(key) : undefined);
    },
    stop(): void {
      clearTimeout(timer);
      endAll();
    },
  };
}
