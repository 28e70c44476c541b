import type { ReactNode } from 'react';
import { Container } from './container';

interface MessagePageProps {
  code: string;
  title: string;
  children: ReactNode;
  action: ReactNode;
}

/** A page that has one thing to say. */
export function MessagePage({ code, title, children, action }: MessagePageProps) {
  return (
    <Container className="flex min-h-[60dvh] flex-col items-start justify-center py-20">
      <p className="text-sm font-semibold tracking-widest text-muted tabular-nums">{code}</p>
      <h1 className="mt-3 text-display font-bold">{title}</h1>
      <p className="mt-4 max-w-prose text-muted">{children}</p>
      <div className="mt-8 flex flex-wrap gap-3">{action}</div>
    </Container>
  );
}
