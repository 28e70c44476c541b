const MAX_LENGTH = 2_048;
/** One slash, and nothing that a browser would drop or turn into one; other scripts come escaped. */
const PATH_HERE = /^\/(?!\/)[!-[\]-~]*$/;

/** The path to go to where it certainly is on this origin, else the front page. */
export function safeRedirect(path: unknown): string {
  if (typeof path !== 'string' || path.length > MAX_LENGTH || !PATH_HERE.test(path)) return '/';
  // `/.//evil.example` is an address to whoever resolves it twice.
  return new URL(path, 'http://here.invalid').pathname.startsWith('//') ? '/' : path;
}
