import { fallbackFile } from '../../components/srcset';
import type { ProductModel } from './models';

/** schema.org descriptions of what a page shows. */

type StructuredData = Record<string, unknown>;

export function organization(): StructuredData {
  return { '@type': 'Organization', name: 'DOA Market', url: absolute('/'), logo: absolute('/icon.svg') };
}

export function productData(product: ProductModel): StructuredData {
  const { name, brand, description, gallery, href, price, rating, soldOut } = product;
  return {
    '@type': 'Product',
    name,
    brand: { '@type': 'Brand', name: brand },
    description: description.join(' '),
    image: gallery.map((picture) => absolute(fallbackFile(picture))),
    offers: {
      '@type': 'Offer',
      url: absolute(href),
      price: price.amount,
      priceCurrency: 'KRW',
      availability: `https://schema.org/${soldOut ? 'OutOfStock' : 'InStock'}`,
    },
    ...(rating && {
      aggregateRating: {
        '@type': 'AggregateRating',
        ratingValue: rating.score,
        reviewCount: rating.reviewCount,
      },
    }),
  };
}

export function breadcrumbs({ category, name, href }: ProductModel): StructuredData {
  const trail = [{ name: '홈', href: '/' }, category, { name, href }];
  return {
    '@type': 'BreadcrumbList',
    itemListElement: trail.map((step, index) => ({
      '@type': 'ListItem',
      position: index + 1,
      name: step.name,
      item: absolute(step.href),
    })),
  };
}

function absolute(path: string): string {
  return new URL(path, process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000').href;
}
