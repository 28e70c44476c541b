import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@doa-market/common/errors';
import type { Context } from 'koa';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/**
 * Checks that a first-party client calls: `Authorization: Basic base64(AUTH_BASIC_KEY)` (RFC 7617).
 * Compared by digest, so that neither time nor length tells anything of the key.
 */
export function createClientCheck(basicKey: string) {
  const expected = sha256(`Basic ${Buffer.from(basicKey).toString('base64')}`);

  /** @throws {ProblemError} 401 */
  return (ctx: Context): void => {
    if (timingSafeEqual(sha256(ctx.get('Authorization')), expected)) return;
    throw new ProblemError(401, 'AUTH_1001', 'A known client must authenticate.', {
      headers: { 'WWW-Authenticate': 'Basic realm="doa-market", charset="UTF-8"' },
    });
  };
}
export type ClientCheck = ReturnType<typeof createClientCheck>;
