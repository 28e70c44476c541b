/** JSON for the inside of a script element: `<` is escaped, so that no text in it can end the element. */
export function serializeJsonLd(data: Record<string, unknown>): string {
  return JSON.stringify({ '@context': 'https://schema.org', ...data }).replaceAll('<', '\\u003c');
}
