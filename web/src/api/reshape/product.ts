import type { ProductDetail, ProductSummary } from '@doa-market/common/contracts';
import type { BadgeKind, PriceModel, ProductCard, ProductModel } from '../../domains/catalogue/models';
import { toPicture } from './picture';

const BADGES = { BEST: 'best', NEW: 'new', DEAL: 'deal' } as const satisfies Record<string, BadgeKind>;

export function toPrice({
  price,
  listPrice,
  discountRate,
}: Pick<ProductSummary, 'price' | 'listPrice' | 'discountRate'>): PriceModel {
  // A cut of less than one percent is shown as a plain price: "0%" would help nobody.
  if (listPrice <= price || discountRate < 1) return { amount: price };
  return { amount: price, discount: { listPrice, rate: discountRate } };
}

export function toProductCard(product: ProductSummary): ProductCard {
  const { slug, name, brand, rating, reviewCount, status, badges, image } = product;
  return {
    slug,
    href: `/products/${slug}`,
    name,
    brand,
    price: toPrice(product),
    rating: rating === null || reviewCount === 0 ? null : { score: rating, reviewCount },
    soldOut: status === 'OUT_OF_STOCK',
    badges: badges.map((badge) => BADGES[badge]),
    picture: toPicture(image),
  };
}

export function toProduct(product: ProductDetail): ProductModel {
  const { description, images, image, category, options, skus } = product;
  return {
    ...toProductCard(product),
    description: toParagraphs(description),
    gallery: (images.length > 0 ? images : [image]).map((each) => toPicture(each)),
    category: { href: `/categories/${category.slug}`, name: category.name },
    options: options.map(({ name, values }) => ({ name, values })),
    skus: skus.map(({ values, price, stock }) => ({ values, price, stock })),
  };
}

export function toParagraphs(text: string): string[] {
  return text
    .split(/\r?\n\s*\r?\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph.length > 0);
}
