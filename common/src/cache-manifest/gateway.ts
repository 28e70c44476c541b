/**
 * Where a purge of a path leaves its mark at the gateway: any new text there is the end of all that is kept of the
 * path, with whatever parameters (kong/plugins/simple-redis-cache).
 */
export const gatewayMark = (path: string): string => `cache:purged:GET:${path}`;

/** How long a mark has to stay, in seconds: longer than the gateway keeps anything (`ttl` and `stale_ttl` there). */
export const GATEWAY_MARK_SECONDS = 7_200;
