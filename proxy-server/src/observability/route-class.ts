import type { Target } from '../proxy/target.ts';

/** A name with few values for logs and metrics: a path as such would be one series per product. */
export function routeClass({ path, upstream }: Target, cachedPattern: string | undefined): string {
  if (cachedPattern) return cachedPattern;
  if (upstream === 'gateway') return '/api/*';
  if (path.startsWith('/_next/static/')) return '/_next/static/*';
  if (path.startsWith('/_next/')) return '/_next/*';
  return 'other';
}
