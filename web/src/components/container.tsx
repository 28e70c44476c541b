import type { ReactNode } from 'react';

/** The page's measure: every full-width band keeps its content on the same two edges. */
export function Container({ children, className = '' }: { children: ReactNode; className?: string }) {
  return <div className={`mx-auto w-full max-w-(--measure) px-(--gutter) ${className}`}>{children}</div>;
}
