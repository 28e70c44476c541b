import type { Home, ProductSummary, Section, Shelves } from '@doa-market/common/contracts';
import type { LoadSection } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

const PER_SHELF = 8;
const REVIEWS = 6;
const EVENTS = 4;

const NO_SHELVES: Shelves = { best: [], newest: [], deals: [] };

/** The home page's sections, asked for at once; each can fail without the others, but for the shelves: one answer. */
export async function loadHome(catalogue: Catalogue, section: LoadSection): Promise<Home> {
  const [banners, categories, shelves, reviews, events] = await Promise.all([
    section('banners', [], catalogue.banners),
    section('categories', [], catalogue.categories),
    section('shelves', NO_SHELVES, () => catalogue.shelves(PER_SHELF)),
    section('reviews', [], () => catalogue.latestReviews(REVIEWS)),
    section('events', [], () => catalogue.events(EVENTS)),
  ]);
  const shelf = (name: keyof Shelves): Section<ProductSummary[]> => ({
    status: shelves.status,
    data: shelves.data[name],
  });
  return {
    banners,
    categories,
    best: shelf('best'),
    newest: shelf('newest'),
    deals: shelf('deals'),
    reviews,
    events,
  };
}
