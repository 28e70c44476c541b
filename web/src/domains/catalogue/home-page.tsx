import { Container } from '../../components/container';
import { Notice } from '../../components/notice';
import { Section } from '../../components/section';
import { BannerCarousel } from './banner-carousel';
import { CategoryGrid } from './category-grid';
import type { HomeModel } from './models';
import { ProductGrid } from './product-grid';
import { ProductRanking } from './product-ranking';
import { ProductRow } from './product-row';

const NEWEST_SHOWN = 8;

/** A section without content is left out; when nothing is left, the page says so. */
export function HomePage({ home }: { home: HomeModel }) {
  const { banners, categories, best, newest, deals } = home;
  const empty = Object.values(home).every((section) => section.items.length === 0);
  return (
    <>
      <h1 className="sr-only">DOA Market</h1>
      {banners.items.length > 0 && (
        <Container className="pt-4 md:pt-8">
          <BannerCarousel banners={banners.items} />
        </Container>
      )}
      {categories.items.length > 0 && (
        <section aria-labelledby="categories" className="pt-9 md:pt-14">
          <Container>
            <h2 id="categories" className="sr-only">
              카테고리
            </h2>
            <CategoryGrid categories={categories.items} />
          </Container>
        </section>
      )}
      {best.items.length > 0 && (
        <Section id="best" title="지금 가장 사랑받는" lead="많은 분이 고르고, 다시 찾은 물건들">
          <ProductRanking products={best.items} />
        </Section>
      )}
      {deals.items.length > 0 && (
        <Section id="deals" title="이번 주 특가" lead="좋은 물건을 조금 더 가볍게" tone="sunken" bleed>
          <ProductRow label="이번 주 특가 상품" products={deals.items} without="deal" />
        </Section>
      )}
      {newest.items.length > 0 && (
        <Section id="newest" title="새로 들어왔어요" lead="막 도착한 물건을 먼저 만나 보세요">
          <ProductGrid products={newest.items.slice(0, NEWEST_SHOWN)} without="new" />
        </Section>
      )}
      {empty && (
        <Container className="py-20">
          <Notice>상품을 준비하고 있습니다. 잠시 뒤에 다시 찾아 주세요.</Notice>
        </Container>
      )}
    </>
  );
}
