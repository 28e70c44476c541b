import type { Commands } from './commands.ts';
import type { Link } from './link.ts';
import type { PurgeRecord } from './replies.ts';
import { EVERYTHING, type SharedLevelEvents } from './shared-level.ts';

/** Milliseconds between two looks at the log, and while Redis does not answer. */
const PAUSE = 500;
const PAUSE_WHILE_AWAY = 100;
/** How long a look may take: what is too slow for a visitor is still good for this. */
const PATIENCE = 1_000;

interface PurgeWatchOptions {
  link: Pick<Link, 'askAnyway' | 'isOpen'>;
  commands: Pick<Commands, 'join' | 'purgesSince'>;
  events: SharedLevelEvents;
}

/**
 * Knows every purge: messages bring it at once, and the log is read twice a second for those that were lost.
 * Reading the log goes on while Redis does not answer, so it is also what finds out that it does again.
 */
export function createPurgeWatch({ link, commands, events }: PurgeWatchOptions) {
  let known: number | undefined;
  let stopped = false;
  let reading: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  function announce(tags: readonly string[]): void {
    if (tags.includes(EVERYTHING)) events.onLost();
    else if (tags.length > 0) events.onPurged(tags);
  }

  /** Takes the next purge; false where one before it is missing. */
  function learn({ previous, number, tags }: PurgeRecord): boolean {
    if (known === undefined) return false;
    if (number <= known) return true;
    if (previous !== known) return false;
    known = number;
    announce(tags);
    return true;
  }

  async function join(): Promise<void> {
    const last = await link.askAnyway(() => commands.join(known ?? 0), PATIENCE);
    known = last;
    events.onLost();
  }

  async function catchUp(): Promise<void> {
    const from = known;
    if (from === undefined) return join();
    const purges = await link.askAnyway(() => commands.purgesSince(from), PATIENCE);
    if (!purges) return known === from ? join() : undefined;
    for (const purge of purges) {
      if (!learn(purge)) again = true;
    }
    if (purges.length > 0) again = true;
  }

  async function readAll(): Promise<void> {
    clearTimeout(timer);
    do {
      again = false;
      // Nobody needs to hear of it: the link knows, and the next look is due soon.
      await catchUp().catch(() => undefined);
    } while (again && !stopped && !link.isOpen());
    reading = undefined;
    if (!stopped) timer = setTimeout(look, link.isOpen() ? PAUSE_WHILE_AWAY : PAUSE).unref();
  }

  function look(): Promise<void> {
    if (stopped) return Promise.resolve();
    // What is being read may be from before whatever is to be seen.
    again = true;
    reading ??= readAll();
    return reading;
  }

  return {
    /** Reads the log now; resolves when that is done, or cannot be. */
    look,
    /** A message said so. */
    heard(purge: PurgeRecord): void {
      if (!learn(purge)) void look();
    },
    /** This process did it: it holds from now on, whatever else is not known yet. */
    done(purge: PurgeRecord): void {
      if (known !== undefined && purge.number <= known) return;
      if (learn(purge)) return;
      announce(purge.tags);
      void look();
    },
    isJoined: () => known !== undefined,
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
