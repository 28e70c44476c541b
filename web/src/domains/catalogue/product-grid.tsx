import type { BadgeKind, ProductCard as ProductCardModel } from './models';
import { ProductCard } from './product-card';

interface ProductGridProps {
  products: ProductCardModel[];
  without?: BadgeKind;
}

const SIZES = '(min-width: 80rem) 18rem, (min-width: 48rem) 24vw, 46vw';

/** Two columns on a phone, four on a desk. */
export function ProductGrid({ products, without }: ProductGridProps) {
  return (
    <ul className="grid grid-cols-2 gap-x-3 gap-y-9 md:grid-cols-4 md:gap-x-5 md:gap-y-12">
      {products.map((product) => (
        <li key={product.slug}>
          <ProductCard product={product} sizes={SIZES} {...(without ? { without } : {})} />
        </li>
      ))}
    </ul>
  );
}
