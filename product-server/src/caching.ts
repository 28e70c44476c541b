/** What the catalogue says of its public answers: shared caches may keep them for a minute. */
export const PUBLIC_CATALOGUE = 'public, s-maxage=60, stale-while-revalidate=600';

/** A file named by its content never changes (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
