import type { BadgeKind, ProductCard as ProductCardModel } from './models';
import { ProductCard } from './product-card';

interface ProductRowProps {
  label: string;
  products: ProductCardModel[];
  without?: BadgeKind;
}

const SIZES = '(min-width: 48rem) 15rem, 44vw';

/** One row that scrolls sideways, by touch, wheel or the arrow keys. */
export function ProductRow({ label, products, without }: ProductRowProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="scroll-row bleed">
      <ul className="flex w-max gap-3 md:gap-5">
        {products.map((product) => (
          <li key={product.slug} className="w-[44vw] max-w-60 snap-start md:w-60">
            <ProductCard product={product} sizes={SIZES} {...(without ? { without } : {})} />
          </li>
        ))}
      </ul>
    </section>
  );
}
