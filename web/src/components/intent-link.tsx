'use client';

import Link from 'next/link';
import { type ComponentProps, useState } from 'react';

type IntentLinkProps = Omit<ComponentProps<typeof Link>, 'prefetch'>;

/**
 * A link that is prefetched when someone is about to follow it. A page of cards that all prefetch as soon as they
 * are seen would ask the server for dozens of pages that nobody opens.
 */
export function IntentLink(props: IntentLinkProps) {
  const [intent, setIntent] = useState(false);
  const show = () => setIntent(true);
  return <Link {...props} prefetch={intent} onPointerEnter={show} onFocus={show} onTouchStart={show} />;
}
