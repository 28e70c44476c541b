/** What the catalogue says of its public answers: shared caches may keep them for a minute. */
export const PUBLIC_CATALOGUE = 'public, s-maxage=60, stale-while-revalidate=600';

/** A file named by its content never changes (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A former name redirects: browsers ask again each time, as a product may take its old name back. */
export const REDIRECT = 'public, max-age=0, s-maxage=60';

/** Nothing purges the answers to queries, so they live as short as a crowd that asks the same needs. */
export const PUBLIC_SEARCH = 'public, s-maxage=10, stale-while-revalidate=30';

/** Browsers keep suggestions too: who types and deletes asks the same again. */
export const PUBLIC_SUGGESTIONS = 'public, max-age=60, s-maxage=60, stale-while-revalidate=600';
