import type { CacheRoute, RouteMatch } from './routes.ts';

export interface PageAddress {
  readonly key: string;
  /** Path and declared query: all of the target that the origin is shown, because all of it is keyed. */
  readonly url: string;
  /** What it can be purged by, whatever the origin says of it: itself, its path, and what its route makes of it. */
  readonly tags: readonly string[];
}

/** The tag of everything under one path, on every host and with whatever parameters. */
export const pathTag = (path: string): string => `path:${normalisePath(path)}`;

/**
 * The address of a page in the cache, or undefined where a declared parameter has a value that
 * the page would have to judge for itself.
 */
export function pageAddress(
  host: string,
  path: string,
  query: string,
  { route, parameters }: RouteMatch,
): PageAddress | undefined {
  const normalPath = normalisePath(path);
  const kept = query === '' ? '' : declaredQuery(query, route);
  if (kept === undefined) return undefined;
  const url = kept === '' ? normalPath : `${normalPath}?${kept}`;
  const named = (route.tags ?? []).map((tag) =>
    tag.replace(/\{(\w+)\}/g, (_, name) => parameters[name] ?? ''),
  );
  const key = `html_cache:${host}${url}`;
  return { key, url, tags: [key, pathTag(path), ...named] };
}

/** Host and target of the page that has this key. */
export function addressOf(key: string): { host: string; url: string } | undefined {
  const found = /^html_cache:([^/]+)(\/.*)$/s.exec(key);
  return found?.[1] === undefined || found[2] === undefined ? undefined : { host: found[1], url: found[2] };
}

function declaredQuery(query: string, { parameters = {} }: CacheRoute): string | undefined {
  const given = new URLSearchParams(query);
  const kept: string[] = [];
  for (const name of Object.keys(parameters).sort()) {
    const values = given.getAll(name);
    if (values.length === 0) continue;
    const [value = ''] = values;
    if (values.length > 1 || !parameters[name]?.test(value)) return undefined;
    kept.push(`${name}=${encodeURIComponent(value)}`);
  }
  return kept.join('&');
}

/** Escapes that mean the same are written the same (RFC 3986 section 6.2.2). */
export function normalisePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : triplet.toUpperCase();
  });
}
