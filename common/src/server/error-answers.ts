import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { isDatabaseOutage } from '../database/index.ts';
import {
  invalidFields,
  notFound,
  ProblemError,
  toProblem,
  toProblemError,
  unavailable,
} from '../errors/index.ts';
import { UpstreamError } from '../http/index.ts';
import { toFieldError } from '../validation/index.ts';
import { createMethodIndex } from './method-index.ts';

/** The one place that decides what leaves of an error: a problem document, and nothing private. */
export const errorAnswers = plugin(
  async (app) => {
    const methods = createMethodIndex();
    app.decorateReply('problemCode', undefined);
    app.addHook('onRoute', ({ url, method }) => methods.add(url, method));

    app.setErrorHandler((error: FastifyError, request, reply) => answer(expected(error), request, reply));

    app.setNotFoundHandler((request, reply) => {
      const allowed = methods.allowed(request.url);
      answer(allowed ? methodNotAllowed(allowed) : notFound(), request, reply);
    });
  },
  { name: 'error-answers' },
);

function answer(problem: ProblemError, request: FastifyRequest, reply: FastifyReply): void {
  // Who has gone gets no answer, and what was stopped for it is no fault of ours. Nor is being full.
  const isFault = problem.status >= 500 && problem.code.startsWith('SYS_');
  const level = isFault && !reply.raw.destroyed ? 'error' : 'debug';
  request.log[level]({ err: problem.cause ?? problem, code: problem.code }, problem.message);
  const instance = request.url.split('?', 1)[0] ?? request.url;
  reply.problemCode = problem.code;
  reply
    .status(problem.status)
    .headers({ 'Cache-Control': 'private, no-store', ...problem.headers })
    .type('application/problem+json')
    // Serialised here: an error has one shape whatever the route declares for the status.
    .serializer(JSON.stringify)
    .send(toProblem(problem, instance, request.id));
}

function expected(error: FastifyError): ProblemError {
  if (error.validation) {
    const part = error.validationContext ?? 'request';
    return invalidFields(error.validation.map((it) => toFieldError(it, part)));
  }
  if (error instanceof UpstreamError) return error.toProblem();
  if (isDatabaseOutage(error)) return unavailable(error);
  return toProblemError(error);
}

function methodNotAllowed(allowed: string): ProblemError {
  return new ProblemError(405, 'REQ_4050', 'The resource does not have this method.', {
    headers: { Allow: allowed },
  });
}
