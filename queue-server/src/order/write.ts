import { IdempotencyKeySchema, type NamedWrite, namedWrite } from '@doa-market/common/server';
import type { FastifyRequest } from 'fastify';
import { keyMissing } from './refusals.ts';

export { IdempotencyKeySchema as RequiredKeySchema };

/** A write that must not happen twice has a name in any case. @throws {ProblemError} 400 IDEM_4000 */
export function requiredWrite(request: FastifyRequest): NamedWrite {
  const write = namedWrite(request);
  if (!write) throw keyMissing();
  return write;
}

/** One at a time of each name: who asks for the same thing twice at once finds what the first has made. */
export const nameOf = ({ subject, key }: NamedWrite): string => `${subject} ${key}`;
