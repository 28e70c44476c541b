import Link from 'next/link';
import { Container } from '../container';
import { Logo } from './logo';
import { NavLink } from './nav-link';

interface SiteHeaderProps {
  /** Empty where they cannot be had: the list of all categories is still one link away. */
  categories: { href: string; name: string }[];
}

export function SiteHeader({ categories }: SiteHeaderProps) {
  return (
    <header className="site-header">
      <Container className="flex h-14 items-center justify-between md:h-16">
        <Logo />
        <Link
          href="/categories"
          prefetch={false}
          className="inline-flex min-h-11 items-center text-[0.9375rem] font-medium hover:underline"
        >
          전체 카테고리
        </Link>
      </Container>
      {categories.length > 0 && (
        <nav aria-label="카테고리">
          <Container>
            <ul className="category-nav">
              {categories.map(({ href, name }) => (
                <li key={href}>
                  <NavLink href={href}>{name}</NavLink>
                </li>
              ))}
            </ul>
          </Container>
        </nav>
      )}
    </header>
  );
}
