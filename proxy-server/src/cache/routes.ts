/** A kind of page that may be kept here, and the query parameters that change what it shows. */
export interface CacheRoute {
  readonly pattern: string;
  /** Name -> what a sensible value looks like; a request with another value goes past the cache. */
  readonly parameters?: Readonly<Record<string, RegExp>>;
}

const PAGE = /^[1-9]\d{0,3}$/;
const WORD = /^[a-z][a-z0-9-]{0,31}$/;

/** Everything else is personal or too rare to keep. */
export const CACHE_ROUTES: readonly CacheRoute[] = [
  { pattern: '/' },
  { pattern: '/categories' },
  { pattern: '/categories/:slug', parameters: { page: PAGE, sort: WORD } },
  { pattern: '/products/:slug' },
  { pattern: '/events' },
  { pattern: '/events/:id' },
];

export type FindRoute = (path: string) => CacheRoute | undefined;

/** Builds the lookup of the route a path belongs to. */
export function createRouteTable(routes: readonly CacheRoute[]): FindRoute {
  const exact = new Map(routes.filter((it) => !it.pattern.includes(':')).map((it) => [it.pattern, it]));
  const patterns = routes
    .filter((it) => it.pattern.includes(':'))
    .map((route) => ({ route, matches: new RegExp(`^${route.pattern.replace(/:\w+/g, '[^/]{1,200}')}$`) }));

  return (path) => exact.get(path) ?? patterns.find((it) => it.matches.test(path))?.route;
}
