import 'server-only';
import { tag } from '@doa-market/common/cache-manifest';
import {
  CategoryListSchema,
  CategoryPageSchema,
  HomeSchema,
  ProductPageSchema,
} from '@doa-market/common/contracts';
import { cache } from 'react';
import type { CategoryCard, CategoryModel, HomeModel, ProductPageModel } from '../domains/catalogue/models';
import { gateway } from './gateway';
import { keepPage, lifetimeOf, WHOLE } from './lifetime';
import { toCategoryCard } from './reshape/category';
import { toCategoryPage, toHome, toProductPage } from './reshape/page';

/**
 * Each read happens once per render, and ties the page to the tags of all that it shows: whatever changes, every
 * page with it in is made again. The page's own tag comes before the read, so that a 404 has it too.
 */

export const getHome = cache(async (): Promise<HomeModel> => {
  await keepPage([tag.home], WHOLE);
  const home = toHome(await gateway().get('/api/home', HomeSchema));
  const products = [...home.best.items, ...home.newest.items, ...home.deals.items];
  await keepPage(tag.products(products), lifetimeOf(Object.values(home)));
  return home;
});

/** For a page that shows their names alone; one that shows more of them has a tag of its own. */
export const getCategories = cache(async (): Promise<CategoryCard[]> => {
  await keepPage([tag.navigation], WHOLE);
  const { data } = await gateway().get('/api/categories', CategoryListSchema);
  return data.map(toCategoryCard);
});

export async function getCategoryIndex(): Promise<CategoryCard[]> {
  await keepPage([tag.categories], WHOLE);
  return getCategories();
}

export const getCategory = cache(async (slug: string): Promise<CategoryModel> => {
  await keepPage([tag.category(slug)], WHOLE);
  const path = `/api/categories/${encodeURIComponent(slug)}`;
  const category = toCategoryPage(await gateway().get(path, CategoryPageSchema));
  await keepPage(tag.products(category.products.items), lifetimeOf([category.products]));
  return category;
});

export const getProduct = cache(async (slug: string): Promise<ProductPageModel> => {
  await keepPage([tag.product(slug), tag.stock(slug)], WHOLE);
  const path = `/api/products/${encodeURIComponent(slug)}`;
  const page = toProductPage(await gateway().get(path, ProductPageSchema));
  await keepPage(tag.products(page.related.items), lifetimeOf([page.related]));
  return page;
});
