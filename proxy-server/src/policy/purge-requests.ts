import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { tagsOf } from './cache-tag.ts';
import { pathTag } from './key.ts';

interface PurgeRequestsOptions {
  token: string;
  /** @throws where not every proxy can be told */
  purge: (tags: readonly string[]) => Promise<void>;
  /** Makes pages anew instead. @returns how many it could not; @throws where not every proxy can be told */
  renew?: (tags: readonly string[]) => Promise<number>;
}

const sha256 = (value: string) => createHash('sha256').update(value).digest();

/**
 * Builds the answer to `PURGE`: with a `Cache-Tag` field everything with one of its tags, else everything under the path.
 * With `X-Cache-Refresh: true` pages are made anew, and the old ones given until then.
 */
export function createPurgeRequests({ token, purge, renew }: PurgeRequestsOptions) {
  const expected = sha256(`Bearer ${token}`);

  return {
    /** Equal hashes, so that time tells nothing of the token. */
    isAuthorized: ({ request }: Pick<Exchange, 'request'>): boolean =>
      timingSafeEqual(sha256(request.headers.get('authorization') ?? ''), expected),
    /** @throws {ProblemError} 400 no tag that makes sense, 503 not every proxy could be told */
    async answer({ request, target }: Pick<Exchange, 'request' | 'target'>): Promise<Response> {
      const named = request.headers.has('cache-tag');
      const tags = named ? tagsOf(request.headers) : [pathTag(target.path)];
      if (tags.length === 0) throw new ProblemError(400, 'REQ_4000', 'No tag that could be purged.');
      const refreshes = request.headers.get('x-cache-refresh') === 'true';
      const failed = await (refreshes && renew ? renew(tags) : purge(tags)).catch((cause: unknown) => {
        throw new ProblemError(503, 'SYS_5003', 'Not every proxy could be told. Purge again.', {
          cause,
          headers: { 'Retry-After': '1' },
        });
      });
      if (failed) {
        throw new ProblemError(503, 'SYS_5003', `${failed} pages could not be made anew. Purge again.`, {
          headers: { 'Retry-After': '1' },
        });
      }
      return new Response(null, { status: 204, headers: { 'Cache-Control': 'private, no-store' } });
    },
    unauthorized: (): ProblemError =>
      new ProblemError(401, 'AUTH_1001', 'A purge needs its credential.', {
        headers: { 'WWW-Authenticate': 'Bearer realm="purge"' },
      }),
  };
}
export type PurgeRequests = ReturnType<typeof createPurgeRequests>;
