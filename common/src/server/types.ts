import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Access, AccessClaims } from '../auth/index.ts';
import type { ProblemCode } from '../contracts/index.ts';
import type { ReadinessProbe } from '../lifecycle/index.ts';
import type { Logger } from '../logging/index.ts';
import type { Front } from './front.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; a route without it does not start. */
    access?: Access;
    /** Asked so often that its lines would bury the others. */
    quiet?: boolean;
    /** Refused first when there is more than can be served, as it is asked again anyhow. */
    sheddable?: boolean;
  }
  interface FastifyInstance {
    readiness: ReadinessProbe;
    /** Answers a route at once where that can be (fast-path.ts). */
    addFastPath: Front['addFastPath'];
  }
  interface FastifyRequest {
    /** The verified claims of the caller's token; undefined where none was presented. */
    caller: AccessClaims | undefined;
    /** The caller's token itself, to be passed on to another server. */
    accessToken: string | undefined;
  }
  interface FastifyReply {
    /** The code of the refusal that this answer is. */
    problemCode: ProblemCode | undefined;
  }
}

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, Logger, TypeBoxTypeProvider>;
