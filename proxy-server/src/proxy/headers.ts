import { dropForeignSettings, withoutOurs } from '../session/cookies.ts';

/** Headers that belong to one connection (RFC 9110 section 7.6.1), not to the message. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Switches between Next.js and its own infrastructure: from a client they are an attack. */
const NEXT_INTERNAL =
  /^(?:next-resume|x-now-route-matches|x-matched-path|(?:x-nextjs|x-middleware|x-invoke|x-prerender|x-next)-.*)$/;

/** Identity is what a token says; what a client says of itself does not go further. */
const CLAIMED_IDENTITY = /^x-(?:user-.*|session-id)$/;

const CREDENTIALS_OF_OURS = ['x-warmup-token', 'x-cache-refresh'];

/** Removes what is for this hop alone, including every header that `Connection` names. */
export function removeHopByHop(headers: Headers): void {
  const named = headers.get('connection');
  if (named) {
    for (const name of named.split(',')) {
      const token = name.trim();
      if (TOKEN.test(token)) headers.delete(token);
    }
  }
  for (const name of HOP_BY_HOP) headers.delete(name);
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The client's headers as they may go on to an origin. */
export function forwardableHeaders(client: Headers, upstream: 'gateway' | 'web'): Headers {
  const headers = new Headers(client);
  removeHopByHop(headers);
  headers.delete('expect');
  for (const name of [...headers.keys()]) {
    // CGI-style servers read X_User_Id as X-User-Id.
    const plain = name.replaceAll('_', '-');
    if (NEXT_INTERNAL.test(plain) || CLAIMED_IDENTITY.test(plain)) headers.delete(name);
  }
  const cookies = headers.get('cookie');
  if (cookies !== null) keepOnly(headers, 'cookie', withoutOurs(cookies));
  if (upstream === 'web') for (const name of CREDENTIALS_OF_OURS) headers.delete(name);
  return headers;
}

function keepOnly(headers: Headers, name: string, value: string | undefined): void {
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
}

const DEFAULTS_FOR_ALL = { 'X-Content-Type-Options': 'nosniff' };
const DEFAULTS_FOR_HTML = {
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
};

/** What is said to this cache alone, or is nobody's business. */
const NOT_FOR_CLIENTS = ['x-powered-by', 'cache-tag'];

/** The origin's headers as they may leave: no connection matters, and safe defaults where it has none. */
export function outgoingHeaders(origin: Headers): Headers {
  const headers = new Headers(origin);
  removeHopByHop(headers);
  for (const name of NOT_FOR_CLIENTS) headers.delete(name);
  dropForeignSettings(headers);
  setWhereMissing(headers, DEFAULTS_FOR_ALL);
  if (headers.get('content-type')?.startsWith('text/html')) setWhereMissing(headers, DEFAULTS_FOR_HTML);
  return headers;
}

function setWhereMissing(headers: Headers, defaults: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value);
}

/** The origin's headers without those of its connection, and otherwise as they are. */
export function endToEndHeaders(origin: Headers): Headers {
  const headers = new Headers(origin);
  removeHopByHop(headers);
  return headers;
}
