import type { ReactNode } from 'react';
import { SiteFooter } from './site-footer';
import { SiteHeader } from './site-header';
import { SkipLink } from './skip-link';

interface PageFrameProps {
  categories?: { href: string; name: string }[];
  children: ReactNode;
}

/** The landmarks that every page has. */
export function PageFrame({ categories = [], children }: PageFrameProps) {
  return (
    <>
      <SkipLink />
      <SiteHeader categories={categories} />
      <main id="content" tabIndex={-1} className="outline-none">
        {children}
      </main>
      <SiteFooter categories={categories} />
    </>
  );
}
