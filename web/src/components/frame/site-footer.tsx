import Link from 'next/link';
import { Container } from '../container';

interface SiteFooterProps {
  categories: { href: string; name: string }[];
}

export function SiteFooter({ categories }: SiteFooterProps) {
  return (
    <footer className="mt-auto border-t border-line">
      <Container className="grid gap-10 py-12 md:grid-cols-[1fr_2fr] md:py-16">
        <div>
          <p className="text-lg font-extrabold tracking-tight">DOA Market</p>
          <p className="mt-2 max-w-[22em] text-[0.9375rem] text-muted">
            모두가 한꺼번에 찾아와도 느려지지 않는 마켓.
          </p>
        </div>
        <nav aria-label="바닥글" className="md:justify-self-end">
          <ul className="grid grid-cols-2 gap-x-12 text-[0.9375rem] sm:grid-cols-4">
            {[...categories, { href: '/categories', name: '전체 카테고리' }].map(({ href, name }) => (
              <li key={href}>
                <Link
                  href={href}
                  prefetch={false}
                  className="inline-flex min-h-10 items-center text-muted hover:text-ink hover:underline"
                >
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </Container>
      <Container>
        <p className="border-t border-line py-6 text-[0.8125rem] text-muted">© DOA Market</p>
      </Container>
    </footer>
  );
}
