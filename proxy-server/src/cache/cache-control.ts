/** token [ "=" ( quoted-string / token ) ], RFC 9111 section 5.2 */
const DIRECTIVE = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?/g;

/** Longer than anybody means; RFC 9111 section 1.2.2 wants a cap instead of an overflow. */
const MAX_SECONDS = 2 ** 31;

export interface CacheControl {
  has: (directive: string) => boolean;
  /** undefined when absent; 0 when it is there but makes no sense, which errs towards staleness. */
  seconds: (directive: string) => number | undefined;
}

/** Parses a Cache-Control field; a directive inside a quoted string is not a directive. */
export function parseCacheControl(field: string | null): CacheControl {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, token] of (field ?? '').matchAll(DIRECTIVE)) {
    const directive = name.toLowerCase();
    const value = quoted ?? token ?? '';
    const earlier = directives.get(directive);
    // Two answers to one question are no answer (RFC 9111 section 4.2.1).
    directives.set(directive, earlier !== undefined && earlier !== value ? 'conflict' : value);
  }
  return {
    has: (directive) => directives.has(directive),
    seconds: (directive) => {
      const value = directives.get(directive);
      if (value === undefined) return undefined;
      return /^\d+$/.test(value) ? Math.min(Number(value), MAX_SECONDS) : 0;
    },
  };
}
