import { Container } from '../container';
import { IntentLink } from '../intent-link';
import { Logo } from './logo';
import { NavLink } from './nav-link';

interface SiteHeaderProps {
  /** Empty where they cannot be had: the list of all categories is still one link away. */
  categories: { href: string; name: string }[];
}

/** One row on a desk; on a phone two, of which the categories stay in sight. */
export function SiteHeader({ categories }: SiteHeaderProps) {
  return (
    <header className="site-header">
      <Container className="flex flex-wrap items-center justify-between lg:h-18 lg:flex-nowrap lg:gap-10">
        <div className="flex h-14 items-center">
          <Logo />
        </div>
        {categories.length > 0 && (
          <nav aria-label="카테고리" className="order-last w-full min-w-0 lg:order-none lg:mr-auto lg:w-auto">
            <ul className="category-nav">
              {categories.map(({ href, name }) => (
                <li key={href}>
                  <NavLink href={href}>{name}</NavLink>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <IntentLink href="/categories" className="nav-link">
          전체 카테고리
        </IntentLink>
      </Container>
    </header>
  );
}
