/** RFC 9110 section 9.2.1; a method that nobody knows is not safe. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

interface Exchanged {
  method: string;
  host: string;
  /** The target in origin form. */
  url: string;
  response: { status: number; headers: Headers };
}

/**
 * The targets, in origin form, whose stored answers an exchange made wrong (RFC 9111 section 4.4): its own, and those
 * that the answer names as its place or its content's, as far as they are of the same origin.
 */
export function invalidatedTargets({ method, host, url, response }: Exchanged): string[] {
  const { status, headers } = response;
  if (SAFE.has(method) || status < 200 || status >= 400) return [];
  const base = `http://${host}${url}`;
  const named = ['location', 'content-location'].flatMap((name) => {
    const reference = headers.get(name);
    if (reference === null || !URL.canParse(reference, base)) return [];
    const target = new URL(reference, base);
    return target.host === new URL(base).host ? [target.pathname + target.search] : [];
  });
  return [...new Set([url, ...named])];
}
