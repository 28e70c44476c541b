/** The edge's own cookies: no other server ever sees them, no script can read them. */
const NAMES = { access: 'doa_at', refresh: 'doa_rt', visitor: 'doa_vid', social: 'doa_social' } as const;
export type CookieKind = keyof typeof NAMES;
const KINDS = Object.keys(NAMES) as CookieKind[];

/** Browsers take a `__Host-` cookie only from this host itself, over TLS (RFC 6265bis section 4.1.3.2). */
const HOST_PREFIX = '__Host-';
/** What every name of ours has in it, with or without the prefix. */
const MARK = 'doa_';
const OURS: ReadonlySet<string> = new Set(Object.values(NAMES).flatMap((name) => [name, HOST_PREFIX + name]));

const MAX_VALUE_LENGTH = 3_900;
const SHAPES: Readonly<Record<CookieKind, RegExp>> = {
  access: /^[\w-]+\.[\w-]+\.[\w-]+$/,
  refresh: /^[\w.~+/-]{8,512}={0,2}$/,
  visitor: /^[\w-]{22,43}$/,
  social: /^[\w.~-]{8,512}$/,
};

export interface Jar {
  readonly values: Readonly<Partial<Record<CookieKind, string>>>;
  /** Sent more than once: somebody else may have planted one of them, so neither is believed. */
  readonly doubled: readonly CookieKind[];
}
/** Lines of Set-Cookie by the cookie they are about: of two changes to one cookie the later counts. */
export type CookieChanges = Partial<Record<CookieKind, readonly string[]>>;

const EMPTY: Jar = { values: {}, doubled: [] };

export const isWellFormed = (kind: CookieKind, value: string): boolean =>
  value.length <= MAX_VALUE_LENGTH && SHAPES[kind].test(value);

/** Builds the reading and writing of our cookies, as `secure` (an https public origin) names them. */
export function createCookies(secure: boolean) {
  const prefix = secure ? HOST_PREFIX : '';
  const kindOf = new Map<string, CookieKind>(KINDS.map((kind) => [prefix + NAMES[kind], kind]));
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

  const line = (kind: CookieKind, value: string, maxAge: number) =>
    `${prefix}${NAMES[kind]}=${value}; Max-Age=${maxAge}; ${attributes}`;

  /** A planted cookie may have been set for the domain or for a path: each is a cookie of its own. */
  function clearPlanted(kind: CookieKind, hostname: string, path: string): string[] {
    if (secure) return [line(kind, '', 0)];
    const paths = path.split('/').map((_part, index, parts) => parts.slice(0, index + 1).join('/') || '/');
    return [...new Set(paths)].slice(0, 8).flatMap((it) => {
      const expired = `${NAMES[kind]}=; Max-Age=0; Path=${it}; HttpOnly; SameSite=Lax`;
      return [expired, `${expired}; Domain=${hostname}`];
    });
  }

  return {
    /** Costs one search where nothing of ours was sent. */
    read(header: string | null): Jar {
      if (!header?.includes(MARK)) return EMPTY;
      const values: Partial<Record<CookieKind, string>> = {};
      const seen = new Set<CookieKind>();
      const doubled = new Set<CookieKind>();
      for (const [name, value] of pairs(header)) {
        const kind = kindOf.get(name);
        if (!kind) continue;
        if (seen.has(kind)) doubled.add(kind);
        seen.add(kind);
        if (isWellFormed(kind, value)) values[kind] = value;
      }
      for (const kind of doubled) delete values[kind];
      return { values, doubled: [...doubled] };
    },
    /** @param maxAge seconds */
    set: (kind: CookieKind, value: string, maxAge: number): CookieChanges => ({
      [kind]: [line(kind, value, maxAge)],
    }),
    clear: (...kinds: CookieKind[]): CookieChanges =>
      Object.fromEntries(kinds.map((kind) => [kind, [line(kind, '', 0)]])),
    clearDoubled: ({ doubled }: Jar, hostname: string, path: string): CookieChanges =>
      Object.fromEntries(doubled.map((kind) => [kind, clearPlanted(kind, hostname, path)])),
  };
}
export type Cookies = ReturnType<typeof createCookies>;

/** A Cookie header without ours, or undefined where nothing else was in it. */
export function withoutOurs(header: string): string | undefined {
  if (!header.includes(MARK)) return header;
  const others = header.split(';').filter((pair) => !OURS.has(nameOf(pair)));
  return others.length === 0 ? undefined : others.join(';').trim();
}

/** Takes out what would set one of ours: the edge alone decides on them. */
export function dropForeignSettings(headers: Headers): void {
  if (!headers.get('set-cookie')?.includes(MARK)) return;
  const others = headers.getSetCookie().filter((it) => !OURS.has(nameOf(it.split(';', 1)[0] ?? '')));
  headers.delete('set-cookie');
  for (const it of others) headers.append('Set-Cookie', it);
}

/** Adds to what the answer to a request will change: it is kept even if something fails after it. */
export function change(exchange: { changes?: CookieChanges }, changes: CookieChanges): void {
  exchange.changes = { ...exchange.changes, ...changes };
}

/** Writes the changes; an answer that carries a cookie is nobody else's, whatever its origin said. */
export function applyChanges(headers: Headers, changes: CookieChanges): void {
  const lines = Object.values(changes).flat();
  if (lines.length === 0) return;
  for (const it of lines) headers.append('Set-Cookie', it);
  headers.set('Cache-Control', 'private, no-store');
  for (const name of ['cdn-cache-control', 'surrogate-control', 'expires']) headers.delete(name);
}

const nameOf = (pair: string) => (pair.split('=', 1)[0] ?? '').trim();

function pairs(header: string): [name: string, value: string][] {
  return header.split(';').map((pair) => {
    const mark = pair.indexOf('=');
    return mark < 0 ? ['', ''] : [pair.slice(0, mark).trim(), pair.slice(mark + 1).trim()];
  });
}
