import { createHash, timingSafeEqual } from 'node:crypto';

/** Builds the check of the warm-up's credential: equal hashes, so that time tells nothing of the token. */
export function createRefreshCheck(token: string) {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  const expected = digest(token);
  /** Whether the request may and wants to replace what is stored. */
  return (headers: Headers): boolean => {
    if (headers.get('x-cache-refresh') !== 'true') return false;
    return timingSafeEqual(digest(headers.get('x-warmup-token') ?? ''), expected);
  };
}
export type MayRefresh = ReturnType<typeof createRefreshCheck>;
