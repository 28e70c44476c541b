import type { Home } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import { section } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

const PER_SECTION = 8;

/** The home page's sections, asked for at once; each can fail without the others. */
export async function loadHome(catalogue: Catalogue, logger: Logger): Promise<Home> {
  const products = (filter: { sort: 'popular' | 'newest' | 'discount'; discounted?: boolean }) => async () =>
    (await catalogue.products({ ...filter, limit: PER_SECTION })).data;
  const [banners, categories, best, newest, deals] = await Promise.all([
    section(logger, 'banners', [], catalogue.banners),
    section(logger, 'categories', [], catalogue.categories),
    section(logger, 'best', [], products({ sort: 'popular' })),
    section(logger, 'newest', [], products({ sort: 'newest' })),
    section(logger, 'deals', [], products({ sort: 'discount', discounted: true })),
  ]);
  return { banners, categories, best, newest, deals };
}
