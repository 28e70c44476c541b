import Link from 'next/link';
import type { CategoryLink } from './models';

export function Breadcrumbs({ category, name }: { category: CategoryLink; name: string }) {
  return (
    <nav aria-label="현재 위치">
      <ol className="flex flex-wrap items-center gap-x-2 text-[0.8125rem] text-muted">
        <li>
          <Link href="/" prefetch={false} className="inline-flex min-h-8 items-center hover:underline">
            홈
          </Link>
        </li>
        <li aria-hidden="true">/</li>
        <li>
          <Link
            href={category.href}
            prefetch={false}
            className="inline-flex min-h-8 items-center hover:underline"
          >
            {category.name}
          </Link>
        </li>
        <li aria-hidden="true">/</li>
        <li aria-current="page" className="text-ink">
          {name}
        </li>
      </ol>
    </nav>
  );
}
