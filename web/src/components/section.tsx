import type { ReactNode } from 'react';
import { Container } from './container';
import { IntentLink } from './intent-link';

interface SectionHeaderProps {
  id: string;
  title: string;
  lead?: string;
  /** Where there is more of the same. */
  more?: { href: string; label: string };
}

interface SectionProps extends SectionHeaderProps {
  tone?: 'page' | 'sunken';
  /** The content brings its own edges. */
  bleed?: boolean;
  children: ReactNode;
}

/** A titled band of a page. */
export function Section({ tone = 'page', bleed = false, children, ...header }: SectionProps) {
  return (
    <section aria-labelledby={header.id} className={`py-12 md:py-20 ${tone === 'sunken' ? 'bg-sunken' : ''}`}>
      <Container>
        <SectionHeader {...header} />
        {!bleed && children}
      </Container>
      {bleed && children}
    </section>
  );
}

export function SectionHeader({ id, title, lead, more }: SectionHeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 md:mb-9">
      <div>
        <h2 id={id} className="text-title font-bold">
          {title}
        </h2>
        {lead && <p className="mt-1.5 text-[0.9375rem] text-muted">{lead}</p>}
      </div>
      {more && (
        <IntentLink href={more.href} className="more-link">
          {more.label}
        </IntentLink>
      )}
    </header>
  );
}
