const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** The tags of an If-None-Match or If-Match field; '*' is a member of its own. */
export const entityTags = (field: string): string[] =>
  field.trim() === '*' ? ['*'] : (field.match(ENTITY_TAG) ?? []);

const opaque = (tag: string): string => (tag.startsWith('W/') ? tag.slice(2) : tag);

/** RFC 9110 section 8.8.3.2: good enough for caching, where equivalent is equal. */
export const weaklyEqual = (a: string, b: string): boolean => opaque(a) === opaque(b);

/** RFC 9110 section 8.8.3.2: byte for byte, which a weak tag never promises. */
export const stronglyEqual = (a: string, b: string): boolean => a === b && !a.startsWith('W/');
