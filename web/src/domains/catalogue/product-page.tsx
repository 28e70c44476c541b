import { Badge } from '../../components/badge';
import { Container } from '../../components/container';
import { Rating } from '../../components/rating';
import { Section } from '../../components/section';
import { Breadcrumbs } from './breadcrumbs';
import { Description } from './description';
import { Gallery } from './gallery';
import type { ProductModel, ProductPageModel } from './models';
import { OptionPicker } from './option-picker';
import { ProductGrid } from './product-grid';

/** The pictures stay in sight while everything that is said of the product passes by. */
export function ProductPage({ page: { product, related } }: { page: ProductPageModel }) {
  return (
    <>
      <Container className="pt-4 pb-14 md:pt-8 md:pb-24">
        <Breadcrumbs category={product.category} name={product.name} />
        <div className="mt-4 grid gap-8 md:mt-6 md:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)] md:gap-12 lg:gap-16">
          <div className="md:sticky md:top-24 md:self-start">
            <Gallery pictures={product.gallery} name={product.name} />
          </div>
          <div>
            <ProductHeading product={product} />
            <OptionPicker
              price={product.price}
              options={product.options}
              skus={product.skus}
              soldOut={product.soldOut}
            />
            <Description paragraphs={product.description} />
          </div>
        </div>
      </Container>
      {related.items.length > 0 && (
        <Section
          id="related"
          title="함께 보면 좋은"
          more={{ href: product.category.href, label: `${product.category.name} 더 보기` }}
          tone="sunken"
        >
          <ProductGrid products={related.items} />
        </Section>
      )}
    </>
  );
}

function ProductHeading({ product: { name, brand, rating, soldOut, badges } }: { product: ProductModel }) {
  return (
    <>
      <p className="text-[0.9375rem] text-muted">{brand}</p>
      <h1 className="mt-1 text-title font-bold">{name}</h1>
      <div className="mt-2.5 flex flex-wrap items-center gap-x-3 gap-y-2">
        {rating && <Rating rating={rating} />}
        <p className="flex gap-1">
          {soldOut && <Badge kind="soldOut" />}
          {badges.map((badge) => (
            <Badge key={badge} kind={badge} />
          ))}
        </p>
      </div>
    </>
  );
}
