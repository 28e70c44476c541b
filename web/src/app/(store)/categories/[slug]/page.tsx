import type { Metadata } from 'next';
import { getCategory } from '../../../../api/catalogue';
import { getNavigation } from '../../../../api/navigation';
import { CategoryPage } from '../../../../domains/catalogue/category-page';
import { findPage } from '../../../outcome';

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
  return {
    title: name,
    description,
    alternates: { canonical: `/categories/${slug}` },
    openGraph: { title: name, description },
  };
}

export default async function Page({ params }: PageProps) {
  const { slug } = await params;
  const category = await findPage('/categories', slug, getCategory);
  const others = (await getNavigation()).filter((each) => each.slug !== slug);
  return <CategoryPage category={category} others={others} />;
}
