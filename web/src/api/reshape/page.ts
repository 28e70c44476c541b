import type { CategoryPage, Home, ProductPage, Section } from '@doa-market/common/contracts';
import type {
  CategoryModel,
  HomeModel,
  ProductPageModel,
  SectionModel,
} from '../../domains/catalogue/models';
import { toBanner, toCategoryCard } from './category';
import { toProduct, toProductCard } from './product';

export function toSection<From, To>(
  { status, data }: Section<From[]>,
  reshape: (item: From) => To,
): SectionModel<To> {
  return { degraded: status === 'degraded', items: data.map(reshape) };
}

export function toHome({ banners, categories, best, newest, deals }: Home): HomeModel {
  return {
    banners: toSection(banners, toBanner),
    categories: toSection(categories, toCategoryCard),
    best: toSection(best, toProductCard),
    newest: toSection(newest, toProductCard),
    deals: toSection(deals, toProductCard),
  };
}

export function toCategoryPage({ category, products: { status, data: page } }: CategoryPage): CategoryModel {
  const products = toSection({ status, data: page.data }, toProductCard);
  return { ...toCategoryCard(category), products: { ...products, total: page.meta.total } };
}

export function toProductPage({ product, related }: ProductPage): ProductPageModel {
  return { product: toProduct(product), related: toSection(related, toProductCard) };
}
