'use client';

import { usePathname } from 'next/navigation';
import { IntentLink } from '../intent-link';

/** A link that knows when it points at the page it is on. */
export function NavLink({ href, children }: { href: string; children: string }) {
  const current = usePathname() === href;
  return (
    <IntentLink href={href} className="nav-link" aria-current={current ? 'page' : undefined}>
      {children}
    </IntentLink>
  );
}
