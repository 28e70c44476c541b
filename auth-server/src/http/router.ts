import { ProblemError } from '@doa-market/common/errors';
import { openApiBase } from '@doa-market/common/openapi';
import { bodyParserFor } from '@doa-market/common/validation';
import KoaRouter from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

interface Operation<Body extends TSchema, Answer extends TSchema> {
  method: 'get' | 'post';
  path: string;
  operationId: string;
  summary: string;
  tags: string[];
  security?: Record<string, string[]>[];
  /** Refuses the caller before anything it sent is looked at. */
  authenticate?: (ctx: Context) => void;
  body?: Body;
  /** The answer that succeeds; what it does not declare does not leave. */
  success: { status: number; schema: Answer };
  problems?: Record<number, TSchema>;
  handle: (ctx: Context, body: Static<Body>) => Promise<Static<Answer>> | Static<Answer>;
}

/** A route is declared once: the guard that checks it and the document that describes it are made of that. */
export function createRouter(name: string, description: string) {
  const router = new KoaRouter();
  const paths: Record<string, Record<string, object>> = {};

  return {
    add<Body extends TSchema, Answer extends TSchema>(operation: Operation<Body, Answer>) {
      const { method, path, authenticate, body, success, handle } = operation;
      const parse = body && bodyParserFor(body);
      const answerValidator = Compile(success.schema);
      paths[path] = { ...paths[path], [method]: describe(operation) };
      router[method](path, async (ctx) => {
        authenticate?.(ctx);
        const input = parse ? parse(jsonBody(ctx)) : undefined;
        const answer = await handle(ctx, input as Static<Body>);
        ctx.status = success.status;
        ctx.body = answerValidator.Clean(answer);
      });
    },
    openApi: () => ({ ...openApiBase(name, description), paths }),
    middleware: (): Middleware => {
      const routes = router.routes();
      const allowed = router.allowedMethods();
      return (ctx, next) => routes(ctx as never, () => allowed(ctx as never, next));
    },
  };
}
export type Router = ReturnType<typeof createRouter>;

/** @throws {ProblemError} 415: a form can be posted from any site without a preflight, JSON can not. */
function jsonBody({ request }: Context): unknown {
  if (request.is('application/json')) return request.body;
  throw new ProblemError(415, 'REQ_4150', 'The request body must be application/json.');
}

function describe(operation: Operation<TSchema, TSchema>): object {
  const { operationId, summary, tags, security, body, success, problems = {} } = operation;
  const json = (schema: TSchema) => ({ 'application/json': { schema } });
  return {
    operationId,
    summary,
    tags,
    ...(security && { security }),
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      [success.status]: { description: 'Success', content: json(success.schema) },
      ...Object.fromEntries(
        Object.entries(problems).map(([status, schema]) => [
          status,
          { description: 'Problem', content: { 'application/problem+json': { schema } } },
        ]),
      ),
    },
  };
}
