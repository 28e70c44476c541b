'use client';

import Link from 'next/link';
import { type ComponentProps, useEffect, useRef, useState } from 'react';

type IntentLinkProps = Omit<ComponentProps<typeof Link>, 'prefetch'>;

/** Milliseconds that a pointer rests on what it means to follow, and not on what it passes. */
const INTENT = 80;

/**
 * A link that is prefetched when someone is about to follow it. A page of cards that all prefetch as soon as they
 * are seen would ask the server for dozens of pages that nobody opens.
 */
export function IntentLink(props: IntentLinkProps) {
  const [intent, setIntent] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const approach = () => {
    timer.current = setTimeout(() => setIntent(true), INTENT);
  };
  const pass = () => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <Link
      {...props}
      prefetch={intent}
      onPointerEnter={approach}
      onPointerLeave={pass}
      onFocus={approach}
      onBlur={pass}
    />
  );
}
