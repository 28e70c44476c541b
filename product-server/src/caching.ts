/** What the catalogue says of its public answers: shared caches may keep them for a minute. */
export const PUBLIC_CATALOGUE = 'public, s-maxage=60, stale-while-revalidate=600';

/** A file named by its content never changes (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A former name redirects: browsers ask again each time, as a product may take its old name back. */
export const REDIRECT = 'public, max-age=0, s-maxage=60';
