import type { Exchange } from '../proxy/exchange.ts';
import { deploymentOf } from './deployment.ts';
import type { PageAddress } from './key.ts';
import { addBrotli, type FetchPage, type OriginAnswer } from './origin.ts';
import type { Page } from './page.ts';
import type { PageStore } from './page-store.ts';
import type { PersonalMarks } from './personal-marks.ts';

interface KeeperOptions {
  store: PageStore;
  fetchPage: FetchPage;
  personal: PersonalMarks;
  clock: () => number;
  onFailure: (key: string, error: unknown) => void;
}

/** Statuses after which what is stored is wrong: the page has gone, moved or closed. */
const REPLACES_STORED = (status: number) => status >= 300 && status < 500 && status !== 429;

/** Builds the fetch whose outcome changes the store. */
export function createKeeper({ store, fetchPage, personal, clock, onFailure }: KeeperOptions) {
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
      (error: unknown) => onFailure(page.key, error),
    );
  }

  /** The work of one flight: one fetch for everyone who wants the page, and what it changes. */
  return (address: PageAddress, exchange: Exchange) =>
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
}
export type FetchAndKeep = ReturnType<typeof createKeeper>;
