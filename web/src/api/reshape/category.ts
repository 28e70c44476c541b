import type { Banner, Category } from '@doa-market/common/contracts';
import type { BannerModel, CategoryCard } from '../../domains/catalogue/models';
import { toPicture } from './picture';

export function toCategoryCard({ slug, name, description, productCount, image }: Category): CategoryCard {
  return { slug, href: `/categories/${slug}`, name, description, productCount, picture: toPicture(image) };
}

export function toBanner({ id, href, title, subtitle, label, image, theme }: Banner): BannerModel {
  return { id, href, title, subtitle, label, theme, picture: toPicture(image) };
}
