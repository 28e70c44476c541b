import type { CSSProperties } from 'react';
import { Container } from '../../components/container';
import { formatCount } from '../../components/money';
import { Notice } from '../../components/notice';
import { Picture } from '../../components/picture';
import { Section } from '../../components/section';
import { CategoryGrid } from './category-grid';
import type { CategoryCard, CategoryModel } from './models';
import { ProductGrid } from './product-grid';

interface CategoryPageProps {
  category: CategoryModel;
  others: CategoryCard[];
}

export function CategoryPage({ category, others }: CategoryPageProps) {
  return (
    <>
      <CategoryHeading category={category} />
      <Container className="pt-8 pb-14 md:pt-12 md:pb-24">
        <h2 className="sr-only">상품 목록</h2>
        <CategoryProducts products={category.products} />
      </Container>
      {others.length > 0 && (
        <Section id="others" title="다른 카테고리" tone="sunken">
          <CategoryGrid categories={others} />
        </Section>
      )}
    </>
  );
}

function CategoryHeading({ category: { name, description, picture } }: { category: CategoryCard }) {
  return (
    <Container className="pt-4 md:pt-8">
      <div className="category-heading" style={{ '--tint': picture.color } as CSSProperties}>
        <div>
          <h1 className="text-display font-bold">{name}</h1>
          <p className="mt-1.5 md:mt-2.5 md:text-lg">{description}</p>
        </div>
        <Picture
          picture={picture}
          sizes="(min-width: 48rem) 17rem, 9rem"
          largest={640}
          priority
          decorative
          className="aspect-square w-36 shrink-0 object-cover md:w-68"
        />
      </div>
    </Container>
  );
}

function CategoryProducts({ products }: Pick<CategoryModel, 'products'>) {
  const { degraded, items, total } = products;
  if (degraded) return <Notice>상품 목록을 잠시 불러올 수 없습니다. 잠시 뒤에 다시 찾아 주세요.</Notice>;
  if (items.length === 0) return <Notice>아직 등록된 상품이 없습니다.</Notice>;
  const count = `상품 ${formatCount(total)}개`;
  return (
    <>
      <p className="mb-6 text-[0.9375rem] text-muted tabular-nums">
        {items.length < total ? `${count} 중 ${formatCount(items.length)}개` : count}
      </p>
      <ProductGrid products={items} />
    </>
  );
}
