/** Which methods a path has, so that an unknown method on a known path is a 405 and not a 404. */
export function createMethodIndex() {
  const patterns = new Map<string, { matches: RegExp; methods: Set<string> }>();

  return {
    add(pattern: string, method: string | string[]) {
      // A wildcard matches everything, also what does not exist.
      if (pattern.includes('*')) return;
      const entry = patterns.get(pattern) ?? { matches: toRegExp(pattern), methods: new Set<string>() };
      for (const it of [method].flat()) entry.methods.add(it);
      patterns.set(pattern, entry);
    },
    /** The value of `Allow` (RFC 9110 section 10.2.1), or undefined for an unknown path. */
    allowed(url: string): string | undefined {
      const path = url.split('?', 1)[0] ?? url;
      const methods = [...patterns.values()].flatMap((it) => (it.matches.test(path) ? [...it.methods] : []));
      return methods.length > 0 ? [...new Set(methods)].sort().join(', ') : undefined;
    },
  };
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}/?$`);
}
