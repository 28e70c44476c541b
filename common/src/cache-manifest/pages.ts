import { tag } from './tags.ts';

/** What every page of a kind shows whatever else it shows; `{slug}` stands for that part of its address. */
export const PAGES = {
  '/': [tag.home, tag.navigation],
  '/categories': [tag.categories, tag.navigation],
  '/categories/:slug': [tag.category('{slug}'), tag.navigation],
  '/products/:slug': [tag.product('{slug}'), tag.stock('{slug}'), tag.navigation],
  '/events': [tag.events, tag.navigation],
  '/events/:id': [tag.event('{id}'), tag.navigation],
} as const satisfies Record<string, readonly string[]>;

/** The name of the meta element in which a page lists the tags that its address does not tell. */
export const SHOWN = 'cache-tags';
