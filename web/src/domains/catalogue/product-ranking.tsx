import type { ProductCard as ProductCardModel } from './models';
import { ProductCard } from './product-card';

const SHOWN = 5;
// Taller than wide on a desk, so its sides are cut off.
const FEATURE_SIZES = '(min-width: 80rem) 46rem, (min-width: 48rem) 60vw, 94vw';
const SIZES = '(min-width: 80rem) 18rem, (min-width: 48rem) 24vw, 46vw';

/** The first of a ranking large, the next four beside it. */
export function ProductRanking({ products }: { products: ProductCardModel[] }) {
  return (
    <ol className="grid grid-cols-2 gap-x-3 gap-y-9 md:grid-cols-4 md:gap-x-5 md:gap-y-10">
      {products.slice(0, SHOWN).map((product, index) => (
        <li key={product.slug} className={index === 0 ? 'col-span-2 md:row-span-2' : ''}>
          <ProductCard
            product={product}
            rank={index + 1}
            size={index === 0 ? 'feature' : 'card'}
            sizes={index === 0 ? FEATURE_SIZES : SIZES}
            without="best"
          />
        </li>
      ))}
    </ol>
  );
}
