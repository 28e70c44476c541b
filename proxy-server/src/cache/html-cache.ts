import type { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { appendCacheStatus, type CacheOutcome } from './cache-status.ts';
import { createFlights } from './flights.ts';
import { createKeeper } from './keeper.ts';
import type { PageAddress } from './key.ts';
import type { FetchPage, OriginAnswer } from './origin.ts';
import { type Page, stageOf } from './page.ts';
import { pageResponse } from './page-response.ts';
import type { PageStore } from './page-store.ts';
import { createPersonalMarks } from './personal-marks.ts';
import { createRenewals, RENEWAL_PAUSE } from './renewals.ts';

export interface Answer {
  response: Response;
  outcome: CacheOutcome;
}

interface HtmlCacheOptions {
  store: PageStore;
  fetchPage: FetchPage;
  /** Asks the origin with everything the client sent, and keeps nothing. */
  forward: (exchange: Exchange) => Promise<Response>;
  clock: () => number;
  /** Told of what nobody waits for. */
  onRenewalFailure: (key: string, error: unknown) => void;
}

/** Builds the shared cache of whole pages. */
export function createHtmlCache({ store, fetchPage, forward, clock, onRenewalFailure }: HtmlCacheOptions) {
  const flights = createFlights<OriginAnswer>();
  const personal = createPersonalMarks(clock);
  const onFailure = onRenewalFailure;
  const fetchAndKeep = createKeeper({ store, fetchPage, personal, clock, onFailure });
  const renewals = createRenewals({ store, flights, fetchAndKeep, clock, onFailure });

  async function fromOrigin(address: PageAddress, exchange: Exchange, known?: Page): Promise<Answer> {
    if (personal.has(address.key)) return bypass(exchange, 'personal');
    const flight = flights.join(address.key, fetchAndKeep(address, exchange));
    const answer = await flight.outcome.catch((error: ProblemError) => failed(exchange, error, known));
    return 'outcome' in answer ? answer : serve(address, exchange, answer, flight.leads, known);
  }

  /** RFC 5861 section 4: an old page beats an error page. */
  function failed(exchange: Exchange, error: ProblemError, known?: Page): Answer {
    if (!known || stageOf(known, clock()) === 'dead') throw error;
    known.renewAfter = clock() + RENEWAL_PAUSE;
    return stored(known, exchange, 'STALE');
  }

  async function serve(
    address: PageAddress,
    exchange: Exchange,
    answer: OriginAnswer,
    leads: boolean,
    known?: Page,
  ): Promise<Answer> {
    if (answer.kind === 'page') {
      if (leads && answer.originWasStale) renewals.askAgain(address, exchange);
      return stored(answer.page, exchange, 'MISS');
    }
    if (answer.kind === 'personal') return bypass(exchange, answer.reason);
    const { response } = answer;
    if (response.status >= 500 && known && stageOf(known, clock()) !== 'dead') {
      if (leads) void response.body?.cancel();
      known.renewAfter = clock() + RENEWAL_PAUSE;
      return stored(known, exchange, 'STALE');
    }
    // A stream has one reader: the others ask for themselves.
    if (!leads) return bypass(exchange, answer.reason);
    return { response: unstored(response, exchange, answer.reason), outcome: 'MISS' };
  }

  const stored = (page: Page, { request }: Exchange, outcome: CacheOutcome): Answer => ({
    response: pageResponse(page, request, outcome, clock()),
    outcome,
  });

  async function bypass(exchange: Exchange, reason: string): Promise<Answer> {
    const response = await forward(exchange);
    response.headers.set('X-Cache-Status', 'BYPASS');
    appendCacheStatus(response.headers, `fwd=bypass; detail="${reason}"`);
    return { response, outcome: 'BYPASS' };
  }

  return {
    bypass,
    /** Answers from the store where that is allowed, else from the origin. */
    async answer(address: PageAddress, exchange: Exchange): Promise<Answer> {
      const now = clock();
      const page = store.get(address.key, now);
      if (!page) return fromOrigin(address, exchange);
      const stage = stageOf(page, now);
      if (stage === 'fresh') return stored(page, exchange, 'HIT');
      if (stage === 'stale') {
        renewals.renew(address, exchange, page);
        return stored(page, exchange, 'STALE');
      }
      if (stage === 'dead') store.remove(address.key);
      else if (now < page.renewAfter) return stored(page, exchange, 'STALE');
      return fromOrigin(address, exchange, page);
    },
    /** Fetches the page now and replaces what is stored; the caller must have the credential. */
    async refresh(address: PageAddress, exchange: Exchange): Promise<Answer> {
      const answer = await flights.supersede(address.key, fetchAndKeep(address, exchange));
      return serve(address, exchange, answer, true);
    },
  };
}
export type HtmlCache = ReturnType<typeof createHtmlCache>;

function unstored(response: Response, { request }: Exchange, reason: string): Response {
  const { headers, status } = response;
  headers.set('X-Cache-Status', 'MISS');
  appendCacheStatus(headers, `fwd=uri-miss; fwd-status=${status}; detail="${reason}"`);
  if (request.method !== 'HEAD') return response;
  void response.body?.cancel();
  return new Response(null, { status, headers });
}
