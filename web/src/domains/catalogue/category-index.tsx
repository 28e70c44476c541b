import { Container } from '../../components/container';
import { IntentLink } from '../../components/intent-link';
import { formatCount } from '../../components/money';
import { Picture } from '../../components/picture';
import type { CategoryCard } from './models';

const SIZES = '(min-width: 80rem) 18rem, (min-width: 48rem) 24vw, 46vw';

export function CategoryIndex({ categories }: { categories: CategoryCard[] }) {
  return (
    <Container className="py-10 md:py-16">
      <h1 className="text-display font-bold">전체 카테고리</h1>
      <ul className="mt-8 grid grid-cols-2 gap-x-3 gap-y-8 md:mt-12 md:grid-cols-4 md:gap-x-5 md:gap-y-12">
        {categories.map(({ slug, href, name, description, productCount, picture }, index) => (
          <li key={slug} className="group relative">
            <div className="overflow-hidden rounded-card bg-sunken">
              <Picture
                picture={picture}
                sizes={SIZES}
                largest={640}
                priority={index === 0}
                decorative
                className="aspect-square w-full object-cover transition-transform duration-500 ease-out group-hover:scale-[1.03]"
              />
            </div>
            <h2 className="mt-3 text-lg font-bold">
              <IntentLink href={href} className="card-link">
                {name}
              </IntentLink>
            </h2>
            <p className="text-[0.9375rem] text-muted">{description}</p>
            <p className="mt-1 text-[0.8125rem] text-muted tabular-nums">
              상품 {formatCount(productCount)}개
            </p>
          </li>
        ))}
      </ul>
    </Container>
  );
}
