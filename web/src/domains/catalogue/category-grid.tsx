import type { CSSProperties } from 'react';
import { IntentLink } from '../../components/intent-link';
import { Picture } from '../../components/picture';
import type { CategoryCard } from './models';

const IN_A_ROW = 8;
const SIZES = '(min-width: 64rem) 8.5rem, 22vw';

/** The way into every category: four by two on a phone, one row on a desk. */
export function CategoryGrid({ categories }: { categories: CategoryCard[] }) {
  return (
    <ul
      className="category-grid"
      style={{ '--columns': Math.min(categories.length, IN_A_ROW) } as CSSProperties}
    >
      {categories.map(({ slug, href, name, picture }) => (
        <li key={slug}>
          <IntentLink href={href} className="group block rounded-card text-center">
            <span className="block overflow-hidden rounded-[28%] bg-sunken">
              <Picture
                picture={picture}
                sizes={SIZES}
                largest={320}
                decorative
                className="aspect-square w-full object-cover transition-transform duration-500 ease-out group-hover:scale-105"
              />
            </span>
            <span className="mt-2.5 block text-[0.8125rem] font-medium group-hover:underline md:text-[0.9375rem]">
              {name}
            </span>
          </IntentLink>
        </li>
      ))}
    </ul>
  );
}
