import type { Agent } from 'node:http';
import { ask, type Question, type Reply } from './ask.ts';

interface TrafficOptions {
  url: string;
  purgeToken: string;
  agent: Agent;
}

interface Kind extends Question {
  path: string;
}

const BROWSER = { 'Accept-Encoding': 'gzip, br', Accept: 'text/html' };
const PAGES = ['/', '/categories', '/products/mood-table-lamp'];
/** Of a hundred requests in turn, how many are of which kind; purges come on top, once in a thousand. */
const SHARES = {
  page: 64,
  head: 5,
  conditional: 6,
  range: 4,
  rsc: 5,
  api: 8,
  missing: 4,
  unique: 2,
  abort: 2,
};

/** A mix of what browsers, crawlers and editors send, and a tally of how it was answered. */
export function createTraffic({ url, purgeToken, agent }: TrafficOptions) {
  const etags = new Map<string, string>();
  const kinds: Record<string, (index: number, path: string) => Kind> = {
    page: (_index, path) => ({ path, headers: BROWSER }),
    head: (_index, path) => ({ path, method: 'HEAD', headers: BROWSER }),
    conditional: (_index, path) => ({
      path,
      headers: { ...BROWSER, 'If-None-Match': etags.get(path) ?? '"none"' },
    }),
    range: (_index, path) => ({ path, headers: { ...BROWSER, Range: 'bytes=0-99' } }),
    rsc: (_index, path) => ({ path, headers: { ...BROWSER, RSC: '1' } }),
    api: () => ({ path: '/api/categories' }),
    missing: () => ({ path: '/nowhere', headers: BROWSER }),
    unique: (index) => ({ path: `/products/none-${index}`, headers: BROWSER }),
    abort: (index, path) => ({
      path: `${path}?left=${index}`,
      headers: { Range: 'bytes=0-9' },
      leaveAfter: 3,
    }),
    purge: (_index, path) => ({
      path,
      method: 'PURGE',
      headers: { Authorization: `Bearer ${purgeToken}`, 'Cache-Tag': 'home' },
    }),
  };
  const cycle = interleaved(SHARES);
  const tally = new Map<string, Map<string, number>>();

  const count = (kind: string, outcome: string) => {
    const outcomes = tally.get(kind) ?? new Map<string, number>();
    tally.set(kind, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  };

  return {
    async send(index: number): Promise<void> {
      const kind = index % 1_000 === 999 ? 'purge' : (cycle[index % cycle.length] ?? 'page');
      const built = kinds[kind]?.(index, PAGES[(index >> 3) % PAGES.length] ?? '/');
      if (!built) return;
      const { path, ...question } = built;
      const reply = await ask(`${url}${path}`, { ...question, agent }).catch(() => undefined);
      count(kind, outcomeOf(reply));
      const etag = reply?.headers.etag;
      if (kind === 'page' && etag) etags.set(path, etag);
    },
    lines: () =>
      [...tally].map(
        ([kind, outcomes]) =>
          `${kind.padEnd(12)} ${[...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join(', ')}`,
      ),
    /** Answers of 5xx, and connections lost that the client did not end itself; a purge that Redis could not be told of may say 503. */
    errors: () =>
      [...tally]
        .filter(([kind]) => kind !== 'purge')
        .flatMap(([kind, outcomes]) =>
          [...outcomes].map(([outcome, times]) =>
            outcome.startsWith('5') || (outcome === 'lost' && kind !== 'abort') ? times : 0,
          ),
        )
        .reduce((sum, times) => sum + times, 0),
  };
}

const outcomeOf = (reply: Reply | undefined): string => {
  if (!reply) return 'lost';
  const cache = reply.headers['x-cache-status'];
  return `${reply.status}${cache ? ` ${cache}` : ''}`;
};

/** Every kind spread evenly over the cycle. */
function interleaved(shares: Record<string, number>): string[] {
  const slots = Object.entries(shares).flatMap(([kind, share]) =>
    Array.from({ length: share }, (_, index) => ({ kind, position: (index + 0.5) / share })),
  );
  return slots.toSorted((a, b) => a.position - b.position).map(({ kind }) => kind);
}
