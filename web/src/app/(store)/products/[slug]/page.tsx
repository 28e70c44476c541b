import type { Metadata } from 'next';
import { getProduct } from '../../../../api/catalogue';
import { JsonLd } from '../../../../components/json-ld';
import { ShownTags } from '../../../../components/shown-tags';
import { fallbackFile } from '../../../../components/srcset';
import { ProductPage } from '../../../../domains/catalogue/product-page';
import { breadcrumbs, productData } from '../../../../domains/catalogue/structured-data';
import { findPage } from '../../../outcome';
import { pageMetadata } from '../../../page-metadata';

export const revalidate = 60;

interface PageProps {
  params: Promise<{ slug: string }>;
}

export function generateStaticParams() {
  return [];
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { slug } = await params;
  const { product } = await findPage('/products', slug, getProduct);
  return pageMetadata({
    title: `${product.name} - ${product.brand}`,
    description: product.description[0] ?? product.name,
    path: product.href,
    image: { url: fallbackFile(product.picture), alt: product.picture.alt },
  });
}

export default async function Page({ params }: PageProps) {
  const { slug } = await params;
  const page = await findPage('/products', slug, getProduct);
  return (
    <>
      <JsonLd data={productData(page.product)} />
      <JsonLd data={breadcrumbs(page.product)} />
      <ProductPage page={page} />
      <ShownTags />
    </>
  );
}
