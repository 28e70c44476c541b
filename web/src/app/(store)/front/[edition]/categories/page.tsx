import { getCategoryIndex } from '../../../../../api/catalogue';
import { CategoryIndex } from '../../../../../domains/catalogue/category-index';
import { pageMetadata } from '../../../../page-metadata';

export const revalidate = 60;
export const metadata = pageMetadata({
  title: '전체 카테고리',
  description: 'DOA Market의 모든 카테고리를 한눈에 살펴보세요.',
  path: '/categories',
});

export function generateStaticParams() {
  return [];
}

export default async function Page() {
  return <CategoryIndex categories={await getCategoryIndex()} />;
}
