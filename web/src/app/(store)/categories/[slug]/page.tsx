import type { Metadata } from 'next';
import { getCategory } from '../../../../api/catalogue';
import { getNavigation } from '../../../../api/navigation';
import { ShownTags } from '../../../../components/shown-tags';
import { CategoryPage } from '../../../../domains/catalogue/category-page';
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
  const { name, description } = await findPage('/categories', slug, getCategory);
  return pageMetadata({ title: name, description, path: `/categories/${slug}` });
}

export default async function Page({ params }: PageProps) {
  const { slug } = await params;
  const category = await findPage('/categories', slug, getCategory);
  const others = (await getNavigation()).filter((each) => each.slug !== slug);
  return (
    <>
      <CategoryPage category={category} others={others} />
      <ShownTags />
    </>
  );
}
