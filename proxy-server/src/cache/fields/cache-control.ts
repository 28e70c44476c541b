/** A directive as the grammar wants it: token [ "=" ( token / quoted-string ) ], RFC 9111 section 5.2. */
const DIRECTIVE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)))?$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;

/** Longer than anybody means; RFC 9111 section 1.2.2 wants a cap instead of an overflow. */
const MAX_SECONDS = 2 ** 31;
/** A value that is no number, so that whoever asks for seconds gets 0. */
const SENSELESS = '?';

export interface CacheControl {
  has: (directive: string) => boolean;
  /** undefined when absent; 0 when it is there but makes no sense, which errs towards staleness. */
  seconds: (directive: string) => number | undefined;
  /** The argument as it was written; '' where there is none. */
  argument: (directive: string) => string | undefined;
}

/** Directives by name, however they were written down. */
export function cacheControlOf(directives: ReadonlyMap<string, string>): CacheControl {
  return {
    has: (directive) => directives.has(directive),
    argument: (directive) => directives.get(directive),
    seconds: (directive) => {
      const value = directives.get(directive);
      if (value === undefined) return undefined;
      return /^\d+$/.test(value) ? Math.min(Number(value), MAX_SECONDS) : 0;
    },
  };
}

/**
 * Parses a Cache-Control field; what stands inside a quoted string is no directive. A member that the grammar does not
 * allow still counts by its name, since most of them forbid something, but its argument makes no sense.
 */
export function parseCacheControl(field: string | null): CacheControl {
  const directives = new Map<string, string>();
  for (const member of listMembers(field ?? '')) {
    const whole = DIRECTIVE.exec(member);
    const name = (whole?.[1] ?? NAME.exec(member)?.[0])?.toLowerCase();
    if (name === undefined) continue;
    const value = whole ? (whole[2] ?? whole[3] ?? '') : SENSELESS;
    const earlier = directives.get(name);
    // Two answers to one question are no answer (RFC 9111 section 4.2.1).
    directives.set(name, earlier !== undefined && earlier !== value ? SENSELESS : value);
  }
  return cacheControlOf(directives);
}

/** The members of a list field, split at the commas outside quoted strings (RFC 9110 section 5.6.1). */
export function listMembers(field: string): string[] {
  const members: string[] = [];
  let start = 0;
  for (let at = 0; at < field.length; at += 1) {
    if (field[at] === '"') at = endOfQuoted(field, at);
    else if (field[at] === ',') {
      members.push(field.slice(start, at));
      start = at + 1;
    }
  }
  members.push(field.slice(start));
  return members.map((member) => member.trim()).filter((member) => member !== '');
}

/** Where the string that opens at `from` closes; `from` itself where it never does, so that nothing is swallowed. */
function endOfQuoted(field: string, from: number): number {
  for (let at = from + 1; at < field.length; at += 1) {
    if (field[at] === '\\') at += 1;
    else if (field[at] === '"') return at;
  }
  return from;
}
