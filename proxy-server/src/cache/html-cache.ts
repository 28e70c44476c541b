import type { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { appendCacheStatus, type CacheOutcome } from './cache-status.ts';
import { deploymentOf } from './deployment.ts';
import { createFlights } from './flights.ts';
import type { PageAddress } from './key.ts';
import { addBrotli, type FetchPage, type OriginAnswer } from './origin.ts';
import { type Page, stageOf } from './page.ts';
import { pageResponse } from './page-response.ts';
import type { PageStore } from './page-store.ts';
import { createPersonalMarks } from './personal-marks.ts';

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

/** How long a failed renewal is not tried again, in milliseconds. */
const RENEWAL_PAUSE = 1_000;
/** When an origin that was stale itself is asked again, in milliseconds: it is rendering right now. */
const ASK_AGAIN = [1_000, 2_000, 4_000];
/** Statuses after which what is stored is wrong: the page has gone, moved or closed. */
const REPLACES_STORED = (status: number) => status >= 300 && status < 500 && status !== 429;

/** Builds the shared cache of whole pages. */
export function createHtmlCache({ store, fetchPage, forward, clock, onRenewalFailure }: HtmlCacheOptions) {
  const flights = createFlights<OriginAnswer>();
  const personal = createPersonalMarks(clock);

  /** One fetch for everyone who wants the page, and what it changes in the store. */
  const fetchAndKeep =
    (address: PageAddress, exchange: Exchange) =>
    async (isCurrent: () => boolean): Promise<OriginAnswer> => {
      const answer = await fetchPage(address, exchange);
      if (!isCurrent()) return answer;
      if (answer.kind === 'page') {
        personal.remove(address.key);
        keep(answer.page);
      } else if (answer.kind === 'personal') {
        personal.add(address.key);
      } else if (REPLACES_STORED(answer.response.status)) {
        store.remove(address.key);
      }
      return answer;
    };

  let deployment: string | undefined;

  /** A page of another build than the last one means that all the others are of the old one. */
  function followDeployment(page: Page): void {
    const current = deploymentOf(page.representations.identity.body);
    if (current === deployment) return;
    if (deployment !== undefined) store.clear();
    deployment = current;
  }

  function keep(page: Page): void {
    followDeployment(page);
    const known = store.get(page.key, clock());
    const sameContent = known?.representations.identity.etag === page.representations.identity.etag;
    if (page.renewAfter > 0 && known && sameContent) {
      // Still the page that is here, still stale: it gets no second life.
      known.renewAfter = page.renewAfter;
      return;
    }
    if (!store.put(page, clock())) return;
    addBrotli(page).then(
      (added) => {
        if (added && store.holds(page)) store.put(page, clock());
      },
      (error: unknown) => onRenewalFailure(page.key, error),
    );
  }

  function renewInBackground(address: PageAddress, exchange: Exchange, page: Page, attempt = 0): void {
    if (clock() < page.renewAfter || flights.has(address.key)) return;
    flights.join(address.key, fetchAndKeep(address, exchange)).outcome.then(
      (answer) => settleRenewal(address, exchange, page, answer, attempt),
      (error: unknown) => {
        page.renewAfter = clock() + RENEWAL_PAUSE;
        onRenewalFailure(address.key, error);
      },
    );
  }

  function settleRenewal(
    address: PageAddress,
    exchange: Exchange,
    page: Page,
    answer: OriginAnswer,
    attempt: number,
  ): void {
    if (answer.kind === 'impersonal') void answer.response.body?.cancel();
    if (answer.kind !== 'page') page.renewAfter = clock() + RENEWAL_PAUSE;
    else if (answer.originWasStale) askAgain(address, exchange, attempt);
  }

  function askAgain(address: PageAddress, exchange: Exchange, attempt: number): void {
    const delay = ASK_AGAIN[attempt];
    if (delay === undefined) return;
    setTimeout(() => {
      const page = store.get(address.key, clock());
      if (page && stageOf(page, clock()) !== 'fresh') {
        page.renewAfter = 0;
        renewInBackground(address, exchange, page, attempt + 1);
      }
    }, delay).unref();
  }

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
      if (leads && answer.originWasStale) askAgain(address, exchange, 0);
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
        renewInBackground(address, exchange, page);
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
