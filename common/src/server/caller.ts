import type { FastifyRequest } from 'fastify';
import { unauthenticated } from '../errors/index.ts';

/** Who calls; the route's policy has asked for a token, so there is one. */
export function callerId(request: FastifyRequest): string {
  if (!request.caller) throw unauthenticated();
  return request.caller.sub;
}
