import type { ProductPage, ReviewList } from '@doa-market/common/contracts';
import type { LoadSection } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

const RELATED = 4;
const REVIEWS = 5;

const NO_REVIEWS: ReviewList = {
  data: [],
  summary: { average: null, count: 0, stars: [0, 0, 0, 0, 0] },
  meta: { limit: REVIEWS, nextCursor: null },
};

type LoadedPage = ProductPage & Required<Pick<ProductPage, 'reviews'>>;

/** A product's page, all of it asked for at once; where the product has moved to; null when there is none. */
export async function loadProductPage(
  catalogue: Catalogue,
  section: LoadSection,
  slug: string,
): Promise<LoadedPage | { slug: string } | null> {
  const [found, related, reviews] = await Promise.all([
    catalogue.product(slug),
    section('related', [], () => catalogue.related(slug, RELATED)),
    section('product-reviews', NO_REVIEWS, async () => {
      return (await catalogue.reviews(slug, { sort: 'newest', limit: REVIEWS })) ?? NO_REVIEWS;
    }),
  ]);
  return found && 'product' in found ? { ...found, related, reviews } : found;
}
