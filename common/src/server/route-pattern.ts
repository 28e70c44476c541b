/** @returns the parameter as it is in the address, '' of a route that has none; undefined where the path is another one */
export type RoutePattern = (path: string) => string | undefined;

/**
 * A route's pattern with one parameter or none, without an expression: it is asked of every request.
 * @param url `/things`, `/things/:id` or `/things/:id/state`
 */
export function toRoutePattern(url: string): RoutePattern {
  const [prefix = '', suffix, ...more] = url.split(/:\w+/);
  if (more.length > 0) throw new Error(`${url} has more than one parameter`);
  if (suffix === undefined) return (path) => (path === url ? '' : undefined);
  return (path) => {
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) return undefined;
    const parameter = path.slice(prefix.length, path.length - suffix.length);
    return parameter === '' || parameter.includes('/') ? undefined : parameter;
  };
}
