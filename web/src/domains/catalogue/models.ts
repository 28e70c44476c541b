/** What the storefront's components are given: shaped for showing, free of the wire. */

export interface PictureModel {
  /** The files are `{base}/{width}.avif` and `{base}/{width}.webp`. */
  base: string;
  /** From narrow to wide. */
  widths: number[];
  alt: string;
  width: number;
  height: number;
  color: string;
}

export interface CategoryCard {
  slug: string;
  href: string;
  name: string;
  description: string;
  productCount: number;
  picture: PictureModel;
}

export interface CategoryLink {
  href: string;
  name: string;
}

export interface BannerModel {
  id: string;
  href: string;
  title: string;
  subtitle: string;
  label: string;
  picture: PictureModel;
  theme: { background: string; foreground: string };
}

export interface PriceModel {
  amount: number;
  /** Both are there when the price is below the list price, and neither otherwise. */
  discount?: { listPrice: number; rate: number };
}

export interface RatingModel {
  score: number;
  reviewCount: number;
}

export type BadgeKind = 'best' | 'new' | 'deal';

export interface ProductCard {
  slug: string;
  href: string;
  name: string;
  brand: string;
  price: PriceModel;
  rating: RatingModel | null;
  soldOut: boolean;
  badges: BadgeKind[];
  picture: PictureModel;
}

export interface SkuModel {
  values: string[];
  price: number;
  stock: number;
}

export interface ProductModel extends ProductCard {
  /** Paragraphs, without the blank lines between them. */
  description: string[];
  gallery: PictureModel[];
  category: CategoryLink;
  options: { name: string; values: string[] }[];
  skus: SkuModel[];
}

/** A part of a page that can be missing while the rest is whole. */
export interface SectionModel<T> {
  degraded: boolean;
  items: T[];
}

export interface HomeModel {
  banners: SectionModel<BannerModel>;
  categories: SectionModel<CategoryCard>;
  best: SectionModel<ProductCard>;
  newest: SectionModel<ProductCard>;
  deals: SectionModel<ProductCard>;
}

export interface CategoryModel extends CategoryCard {
  products: SectionModel<ProductCard> & { total: number };
}

export interface ProductPageModel {
  product: ProductModel;
  related: SectionModel<ProductCard>;
}
