import type { CatalogueEvent, ProductAspect } from '../contracts/index.ts';
import { tag } from './tags.ts';

/** What a change makes out of date. */
export interface Touched {
  /** Paths of the gateway's cache, each with whatever parameters. */
  readonly gatewayPaths: readonly string[];
  /** What pages show, in Next.js and at the proxies. */
  readonly tags: readonly string[];
}

type Changed<Type extends CatalogueEvent['eventType']> = Extract<
  CatalogueEvent,
  { eventType: Type }
>['payload'];

const API = {
  home: '/api/home',
  categories: '/api/categories',
  category: (slug: string) => `/api/categories/${slug}`,
  product: (slug: string) => `/api/products/${slug}`,
  events: '/api/events',
  event: (slug: string) => `/api/events/${slug}`,
  /** Whatever was searched for: nobody can say which answers a product comes to be in. */
  search: '/api/search',
  suggestions: '/api/search/suggest',
};

/** Where a product may come to be, or cease to be, or move to another place, by a change of this kind. */
const LISTS: Record<ProductAspect, { home: boolean; category: boolean; counts: boolean }> = {
  /** Lists by price and by discount. */
  price: { home: true, category: true, counts: false },
  /** Also a move to another category. */
  details: { home: true, category: true, counts: true },
  status: { home: true, category: true, counts: true },
  rating: { home: true, category: true, counts: false },
  images: { home: false, category: false, counts: false },
  stock: { home: false, category: false, counts: false },
};

function byProduct({ slug, previousSlug, categorySlugs, aspects }: Changed<'product.changed'>): Touched {
  const slugs = previousSlug === undefined ? [slug] : [slug, previousSlug];
  const isIn = (list: 'home' | 'category' | 'counts') => aspects.some((aspect) => LISTS[aspect][list]);
  // Of its stock its own page alone says something; all else is shown wherever the product is.
  const isShown = aspects.some((aspect) => aspect !== 'stock');
  return {
    gatewayPaths: [
      ...slugs.map(API.product),
      ...(isShown ? [API.home, ...categorySlugs.map(API.category), API.search] : []),
      ...(isIn('counts') ? [API.categories, API.suggestions] : []),
    ],
    tags: [
      ...slugs.map(isShown ? tag.product : tag.stock),
      ...(isIn('home') ? [tag.home] : []),
      ...(isIn('category') ? categorySlugs.map(tag.category) : []),
      ...(isIn('counts') ? [tag.categories] : []),
    ],
  };
}

/** Its name is on every page, in the navigation. */
function byCategory({ slug, previousSlug }: Changed<'category.changed'>): Touched {
  const slugs = previousSlug === undefined ? [slug] : [slug, previousSlug];
  return {
    gatewayPaths: [API.home, API.categories, ...slugs.map(API.category), API.search, API.suggestions],
    tags: [tag.home, tag.categories, tag.navigation, ...slugs.map(tag.category)],
  };
}

function byShow({ slug, aspects }: Changed<'event.changed'>): Touched {
  const own = { gatewayPaths: [API.event(slug)], tags: [tag.event(slug)] };
  if (!aspects.includes('details')) return own;
  return {
    gatewayPaths: [...own.gatewayPaths, API.events, API.home],
    tags: [...own.tags, tag.events, tag.home],
  };
}

/**
 * The one place that knows what a change touches. A list whose order follows from sales (best sellers, related
 * products) is a recommendation: what comes into it anew is shown when the page is next made. Nor does each sale of a
 * piece end what was searched for: that is kept for a minute, and stock is looked at again by whoever buys.
 */
export function touchedBy(event: CatalogueEvent): Touched {
  switch (event.eventType) {
    case 'product.changed':
      return byProduct(event.payload);
    case 'category.changed':
      return byCategory(event.payload);
    case 'banner.changed':
      return { gatewayPaths: [API.home], tags: [tag.home] };
    case 'event.changed':
      return byShow(event.payload);
  }
}

/** All that several changes touch, each once. */
export function touchedByAll(events: readonly CatalogueEvent[]): Touched {
  const touched = events.map(touchedBy);
  return {
    gatewayPaths: [...new Set(touched.flatMap(({ gatewayPaths }) => gatewayPaths))],
    tags: [...new Set(touched.flatMap(({ tags }) => tags))],
  };
}
