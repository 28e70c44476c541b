import { PAGES } from '@doa-market/common/cache-manifest';

/** A kind of page that may be kept here, and the query parameters that change what it shows. */
export interface CacheRoute {
  readonly pattern: string;
  /** Name -> what a sensible value looks like; a request with another value goes past the cache. */
  readonly parameters?: Readonly<Record<string, RegExp>>;
  /** What its pages can be purged by; `{slug}` stands for that part of the path as it is written in the address. */
  readonly tags?: readonly string[];
}

const PAGE = /^[1-9]\d{0,3}$/;
const WORD = /^[a-z][a-z0-9-]{0,31}$/;

/** Query parameters of a kind of page. */
const PARAMETERS: Partial<Record<keyof typeof PAGES, CacheRoute['parameters']>> = {
  '/categories/:slug': { page: PAGE, sort: WORD },
};

/** Everything else is personal or too rare to keep. */
export const CACHE_ROUTES: readonly CacheRoute[] = (Object.keys(PAGES) as (keyof typeof PAGES)[]).map(
  (pattern) => ({
    pattern,
    tags: PAGES[pattern],
    ...(PARAMETERS[pattern] && { parameters: PARAMETERS[pattern] }),
  }),
);

export interface RouteMatch {
  readonly route: CacheRoute;
  /** The parts of the path that the pattern names. */
  readonly parameters: Readonly<Record<string, string>>;
}
export type FindRoute = (path: string) => RouteMatch | undefined;

/** Builds the lookup of the route a path belongs to. */
export function createRouteTable(routes: readonly CacheRoute[]): FindRoute {
  const exact = new Map(
    routes
      .filter((it) => !it.pattern.includes(':'))
      .map((route) => [route.pattern, { route, parameters: {} }]),
  );
  const patterns = routes
    .filter((it) => it.pattern.includes(':'))
    .map((route) => ({
      route,
      matcher: new RegExp(`^${route.pattern.replace(/:(\w+)/g, '(?<$1>[^/]{1,200})')}$`),
    }));

  return (path) => {
    const found = exact.get(path);
    if (found) return found;
    for (const { route, matcher } of patterns) {
      const match = matcher.exec(path);
      if (match) return { route, parameters: { ...match.groups } };
    }
    return undefined;
  };
}
