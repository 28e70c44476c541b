import type { ReactNode } from 'react';
import { Container } from './container';

interface SectionProps {
  id: string;
  title: string;
  lead?: string;
  tone?: 'page' | 'sunken';
  /** The content brings its own edges. */
  bleed?: boolean;
  children: ReactNode;
}

/** A titled band of a page. */
export function Section({ id, title, lead, tone = 'page', bleed = false, children }: SectionProps) {
  return (
    <section aria-labelledby={id} className={`py-12 md:py-20 ${tone === 'sunken' ? 'bg-sunken' : ''}`}>
      <Container>
        <SectionHeader id={id} title={title} {...(lead ? { lead } : {})} />
        {!bleed && children}
      </Container>
      {bleed && children}
    </section>
  );
}

export function SectionHeader({ id, title, lead }: { id: string; title: string; lead?: string }) {
  return (
    <header className="mb-6 md:mb-9">
      <h2 id={id} className="text-title font-bold">
        {title}
      </h2>
      {lead && <p className="mt-1.5 text-[0.9375rem] text-muted">{lead}</p>}
    </header>
  );
}
