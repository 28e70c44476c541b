import { Container } from '../../components/container';
import { formatCount } from '../../components/money';
import { Notice } from '../../components/notice';
import { Picture } from '../../components/picture';
import type { CategoryModel } from './models';
import { ProductGrid } from './product-grid';

export function CategoryPage({ category }: { category: CategoryModel }) {
  const { name, description, picture, products } = category;
  return (
    <>
      <div className="bg-sunken">
        <Container className="flex items-center justify-between gap-6 py-6 md:py-10">
          <div>
            <h1 className="text-display font-bold">{name}</h1>
            <p className="mt-2 text-muted md:text-lg">{description}</p>
          </div>
          <div className="w-28 shrink-0 overflow-hidden rounded-[28%] md:w-52">
            <Picture
              picture={picture}
              sizes="(min-width: 48rem) 13rem, 7rem"
              largest={640}
              priority
              decorative
              className="aspect-square w-full object-cover"
            />
          </div>
        </Container>
      </div>
      <Container className="py-8 md:py-12">
        <h2 className="sr-only">상품 목록</h2>
        <CategoryProducts products={products} />
      </Container>
    </>
  );
}

function CategoryProducts({ products }: Pick<CategoryModel, 'products'>) {
  if (products.degraded)
    return <Notice>상품 목록을 잠시 불러올 수 없습니다. 잠시 뒤에 다시 찾아 주세요.</Notice>;
  if (products.items.length === 0) return <Notice>아직 등록된 상품이 없습니다.</Notice>;
  return (
    <>
      <p className="mb-6 text-[0.9375rem] text-muted tabular-nums">
        {products.items.length < products.total
          ? `상품 ${formatCount(products.total)}개 중 ${formatCount(products.items.length)}개`
          : `상품 ${formatCount(products.total)}개`}
      </p>
      <ProductGrid products={products.items} />
    </>
  );
}
