import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ProblemError, unauthenticated } from '../errors/index.ts';

/** For a route's `headers`. The gateway also takes the IETF's `Idempotency-Key`, and passes it on as this one. */
export const IdempotencyKeySchema = Type.Object({
  'x-idempotency-key': Type.Optional(
    Type.String({ maxLength: 128, description: 'one per write that must not happen twice' }),
  ),
});

/** The alphabet that the gateway takes. */
const KEY = /^[A-Za-z0-9._:~/+=-]{1,128}$/;

export interface NamedWrite {
  subject: string;
  key: string;
  fingerprint: string;
}

/** Who asks for which write under which name; undefined for a write without one. @throws {ProblemError} 400 */
export function namedWrite(request: FastifyRequest): NamedWrite | undefined {
  const key = request.headers['x-idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new ProblemError(400, 'IDEM_4000', 'The idempotency key is malformed.');
  }
  if (!request.caller) throw unauthenticated();
  const parts = JSON.stringify([request.method, request.url, request.body]);
  return { subject: request.caller.sub, key, fingerprint: createHash('sha256').update(parts).digest('hex') };
}
