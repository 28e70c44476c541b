import type { Exchange } from '../proxy/exchange.ts';
import type { Flights } from './flights.ts';
import type { FetchAndKeep } from './keeper.ts';
import type { PageAddress } from './key.ts';
import type { OriginAnswer } from './origin.ts';
import { type Page, stageOf } from './page.ts';
import type { PageStore } from './page-store.ts';

interface RenewalOptions {
  store: PageStore;
  flights: Flights<OriginAnswer>;
  fetchAndKeep: FetchAndKeep;
  clock: () => number;
  onFailure: (key: string, error: unknown) => void;
}

/** How long a failed renewal is not tried again, in milliseconds. */
export const RENEWAL_PAUSE = 1_000;
/** When an origin that was stale itself is asked again, in milliseconds: it is rendering right now. */
const ASK_AGAIN = [1_000, 2_000, 4_000];

/** Builds what brings pages up to date while nobody waits for it. */
export function createRenewals({ store, flights, fetchAndKeep, clock, onFailure }: RenewalOptions) {
  function renew(address: PageAddress, exchange: Exchange, page: Page, attempt = 0): void {
    if (clock() < page.renewAfter || flights.has(address.key)) return;
    flights.join(address.key, fetchAndKeep(address, exchange)).outcome.then(
      (answer) => {
        if (answer.kind === 'impersonal') void answer.response.body?.cancel();
        if (answer.kind !== 'page') page.renewAfter = clock() + RENEWAL_PAUSE;
        else if (answer.originWasStale) askAgain(address, exchange, attempt);
      },
      (error: unknown) => {
        page.renewAfter = clock() + RENEWAL_PAUSE;
        onFailure(address.key, error);
      },
    );
  }

  function askAgain(address: PageAddress, exchange: Exchange, attempt = 0): void {
    const delay = ASK_AGAIN[attempt];
    if (delay === undefined) return;
    setTimeout(() => {
      const page = store.get(address.key, clock());
      if (!page || stageOf(page, clock()) === 'fresh') return;
      page.renewAfter = 0;
      renew(address, exchange, page, attempt + 1);
    }, delay).unref();
  }

  return {
    /** Fetches a stale page anew, unless that is under way or failed a moment ago. */
    renew: (address: PageAddress, exchange: Exchange, page: Page) => renew(address, exchange, page),
    /** Fetches a page again soon, because the origin itself was only about to renew it. */
    askAgain: (address: PageAddress, exchange: Exchange) => askAgain(address, exchange),
  };
}
