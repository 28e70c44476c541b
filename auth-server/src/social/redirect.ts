const HERE = 'https://here.invalid';

/**
 * The path that `text` leads to on our own site, or undefined when it leads anywhere else. Browsers take a backslash
 * for a slash and drop line breaks, so the text is read as they read it.
 */
export function localPath(text: string): string | undefined {
  if (!text.startsWith('/') || !URL.canParse(text, HERE)) return undefined;
  const { origin, pathname, search, hash } = new URL(text, HERE);
  // `/.//evil.example` resolves to a path that is an address to whoever resolves it once more.
  if (origin !== HERE || pathname.startsWith('//')) return undefined;
  return `${pathname}${search}${hash}`;
}
