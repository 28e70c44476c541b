import type { ReactNode } from 'react';

/** A calm word where something is missing for now. */
export function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="rounded-card border border-line bg-surface px-5 py-6 text-center text-[0.9375rem] text-muted">
      {children}
    </p>
  );
}
