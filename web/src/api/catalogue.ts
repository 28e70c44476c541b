import 'server-only';
import {
  CategoryListSchema,
  CategoryPageSchema,
  HomeSchema,
  ProductPageSchema,
} from '@doa-market/common/contracts';
import { cache } from 'react';
import type { CategoryCard, CategoryModel, HomeModel, ProductPageModel } from '../domains/catalogue/models';
import { gateway } from './gateway';
import { DEGRADED, keepPage, WHOLE } from './lifetime';
import { toCategoryCard } from './reshape/category';
import { isDegraded, toCategoryPage, toHome, toProductPage } from './reshape/page';

/** Each read happens once per render, and ties the rendered page to the tags of what it shows. */

export const getHome = cache(async (): Promise<HomeModel> => {
  const home = toHome(await gateway().get('/api/home', HomeSchema));
  await keepPage(['home'], isDegraded(Object.values(home)) ? DEGRADED : WHOLE);
  return home;
});

export const getCategories = cache(async (): Promise<CategoryCard[]> => {
  const { data } = await gateway().get('/api/categories', CategoryListSchema);
  await keepPage(['categories'], WHOLE);
  return data.map(toCategoryCard);
});

export const getCategory = cache(async (slug: string): Promise<CategoryModel> => {
  const page = await gateway().get(`/api/categories/${encodeURIComponent(slug)}`, CategoryPageSchema);
  const category = toCategoryPage(page);
  await keepPage([`category:${slug}`], isDegraded([category.products]) ? DEGRADED : WHOLE);
  return category;
});

export const getProduct = cache(async (slug: string): Promise<ProductPageModel> => {
  const page = toProductPage(
    await gateway().get(`/api/products/${encodeURIComponent(slug)}`, ProductPageSchema),
  );
  await keepPage([`product:${slug}`], isDegraded([page.related]) ? DEGRADED : WHOLE);
  return page;
});
