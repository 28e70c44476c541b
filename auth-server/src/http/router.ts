import { ProblemError } from '@doa-market/common/errors';
import { completeDocument, openApiBase } from '@doa-market/common/openapi';
import { bodyParserFor, urlParserFor } from '@doa-market/common/validation';
import KoaRouter from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Static, TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { describeOperation } from './describe-operation.ts';

/** What a handler gets: everything in it has been checked. */
export interface Call<Caller, Params extends TSchema, Query extends TSchema, Body extends TSchema> {
  ctx: Context;
  /** What `authenticate` found out. */
  caller: Caller;
  params: Static<Params>;
  query: Static<Query>;
  body: Static<Body>;
}

export interface Operation<
  Caller,
  Params extends TObject,
  Query extends TObject,
  Body extends TSchema,
  Answer extends TSchema,
> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** With `:name` for what `params` declares. */
  path: string;
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: Record<string, string[]>[];
  /** Refuses the caller before anything it sent is looked at. */
  authenticate?: (ctx: Context) => Caller | Promise<Caller>;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Where every field of the body is optional, it may be left out as a whole. */
  bodyRequired?: boolean;
  /** The answer that succeeds; what it does not declare does not leave. Without a schema it has no content. */
  success: { status: 200 | 201 | 202; schema: Answer } | { status: 204; schema?: never };
  problems?: Record<number, TSchema>;
  /** For the document alone. */
  example?: { body?: Static<Body>; answer?: Static<Answer> };
  handle: (call: Call<Caller, Params, Query, Body>) => Promise<Static<Answer>> | Static<Answer>;
}

/** A route is declared once: the guard that checks it and the document that describes it are made of that. */
export function createRouter(name: string, description: string) {
  const router = new KoaRouter();
  const paths: Record<string, Record<string, object>> = {};

  return {
    add<
      Caller,
      Params extends TObject,
      Query extends TObject,
      Body extends TSchema,
      Answer extends TSchema = TSchema,
    >(operation: Operation<Caller, Params, Query, Body, Answer>) {
      const { method, path, authenticate, success, handle } = operation;
      const parseParams = operation.params && urlParserFor(operation.params, 'params');
      const parseQuery = operation.query && urlParserFor(operation.query, 'query');
      const parseBody = operation.body && bodyParserFor(operation.body);
      const answerValidator = success.schema && Compile(success.schema);
      const documented = path.replace(/:(\w+)/g, '{$1}');
      paths[documented] = { ...paths[documented], [method]: describeOperation(operation) };

      router[method](path, async (ctx) => {
        const caller = (await authenticate?.(ctx)) as Caller;
        const answer = await handle({
          ctx,
          caller,
          params: parseParams?.(ctx['params']) as Static<Params>,
          query: parseQuery?.(ctx.query) as Static<Query>,
          body: parseBody?.(jsonBody(ctx, operation.bodyRequired ?? true)) as Static<Body>,
        });
        ctx.status = success.status;
        if (answerValidator) ctx.body = answerValidator.Clean(answer);
      });
    },
    openApi: () => completeDocument({ ...openApiBase(name, description), paths }),
    middleware: (): Middleware => {
      const routes = router.routes();
      const allowed = router.allowedMethods();
      return (ctx, next) => routes(ctx as never, () => allowed(ctx as never, next));
    },
  };
}
export type Router = ReturnType<typeof createRouter>;

/** @throws {ProblemError} 415: a form can be posted from any site without a preflight, JSON can not. */
function jsonBody({ request }: Context, required: boolean): unknown {
  if (request.is('application/json')) return request.body;
  if (!required && (request.is() === null || request.length === 0)) return {};
  throw new ProblemError(415, 'REQ_4150', 'The request body must be application/json.');
}
