import { unauthenticated } from '@doa-market/common/errors';
import type { FastifyRequest } from 'fastify';

/** Who calls; the route's policy has asked for a token, so there is one. */
export function callerId(request: FastifyRequest): string {
  if (!request.caller) throw unauthenticated();
  return request.caller.sub;
}
