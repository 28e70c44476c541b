import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@doa-market/common/errors';
import type { Context } from 'koa';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/**
 * Checks which of `clients` (`name:secret` each) calls: `Authorization: Basic base64(name:secret)` (RFC 7617).
 * Compared by digest and with all of them, so that neither time nor length tells anything of a secret.
 */
export function createClientCheck(clients: readonly string[]) {
  const known = clients.map((client) => ({
    name: client.slice(0, client.indexOf(':')),
    expected: sha256(`Basic ${Buffer.from(client).toString('base64')}`),
  }));

  /** The client's name. @throws {ProblemError} 401 */
  return (ctx: Context): string => {
    const given = sha256(ctx.get('Authorization'));
    const [client] = known.filter(({ expected }) => timingSafeEqual(given, expected));
    if (client) return client.name;
    throw new ProblemError(401, 'AUTH_1001', 'A known client must authenticate.', {
      headers: { 'WWW-Authenticate': BASIC_CHALLENGE },
    });
  };
}
export type ClientCheck = ReturnType<typeof createClientCheck>;

export const BASIC_CHALLENGE = 'Basic realm="doa-market", charset="UTF-8"';
