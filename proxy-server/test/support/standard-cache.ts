import { afterAll, beforeAll } from 'vitest';
import { startProxy } from './proxy.ts';
import { type Reply, sendRequest, type Wish } from './request.ts';
import { type Answer, startScriptedOrigin } from './scripted-origin.ts';

/**
 * How a request was answered.
 * - reused: from the store, without a word to the origin
 * - stale: from the store as well, but past its time
 * - validated: from the store or not, after the origin was asked whether what is stored still holds
 * - fetched: by the origin, which was asked as if nothing were stored
 * - refused: by the proxy itself, which has nothing to give
 */
export type Outcome = 'reused' | 'stale' | 'validated' | 'fetched' | 'refused';

interface Sequence {
  /** What the origin says, in order; the last one is said again. */
  says: Answer[];
  /** What clients ask, one after the other. */
  asks?: Wish[];
}

export interface Told {
  reply: Reply;
  outcome: Outcome;
}

const CONDITIONS = ['if-none-match', 'if-modified-since'] as const;

/** The proxy as a plain cache by the RFCs in front of a scripted origin; both live as long as the file's tests. */
export function useStandardCache() {
  const ends: (() => Promise<void>)[] = [];
  const onEnd = (cleanUp: () => Promise<void>) => void ends.unshift(cleanUp);
  let parts: Awaited<ReturnType<typeof start>> | undefined;
  let paths = 0;

  async function start() {
    const origin = await startScriptedOrigin(onEnd);
    const proxy = await startProxy({}, { UPSTREAM: origin.url, CACHE_POLICY: 'standard' }, onEnd);
    return { origin, proxy };
  }
  beforeAll(async () => {
    parts = await start();
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });
  function running() {
    if (!parts) throw new Error('The cache runs as long as the tests do, no longer.');
    return parts;
  }

  async function ask(path: string, wish: Wish = {}): Promise<Told> {
    const { origin, proxy } = running();
    const before = origin.seen(path).length;
    const reply = await sendRequest(proxy.port, path, wish);
    return { reply, outcome: outcomeOf(reply, origin.seen(path).slice(before), wish) };
  }

  const cache = {
    ask,
    running,
    /** A path of its own, with what the origin says there. */
    script(...says: Answer[]): string {
      paths += 1;
      const path = `/${paths}`;
      running().origin.script(path, says);
      return path;
    },
    /** The requests that the origin got at `path`. */
    seen: (path: string) => running().origin.seen(path),
    /** Plays a whole exchange on a path of its own; two plain requests, where nothing else is asked. */
    async play({ says, asks = [{}, {}] }: Sequence): Promise<Told[]> {
      const path = cache.script(...says);
      const told: Told[] = [];
      for (const wish of asks) told.push(await ask(path + (wish.query ?? ''), wish));
      return told;
    },
    /** How the last request of a sequence was answered. */
    async outcome(sequence: Sequence): Promise<Outcome | undefined> {
      return (await cache.play(sequence)).at(-1)?.outcome;
    },
  };
  return cache;
}

function outcomeOf(reply: Reply, requests: { headers: Record<string, unknown> }[], wish: Wish): Outcome {
  if (reply.headers['x-cache-status'] === 'STALE') return 'stale';
  const [request] = requests;
  if (!request) return reply.headers['x-cache-status'] === 'HIT' ? 'reused' : 'refused';
  const clients = Object.keys(wish.headers ?? {}).map((name) => name.toLowerCase());
  const ours = CONDITIONS.filter((name) => !clients.includes(name));
  return ours.some((name) => request.headers[name] !== undefined) ? 'validated' : 'fetched';
}

/** An HTTP date so many seconds from now. */
export const at = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();
