import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Dispatcher } from 'undici';
import { currentContext, DEADLINE_HEADER } from '../context/index.ts';
import { ProblemSchema } from '../contracts/index.ts';
import { type Refusal, UpstreamError } from './upstream-error.ts';

const JSON_DOCUMENT = /^application\/(problem\+)?json\b/;
const problemDocument = Compile(ProblemSchema);
const typedDocument = Compile(Type.Object({ type: Type.String() }));

export interface CallOptions {
  /** The end user's access token, passed on so that the callee decides for itself. */
  bearer?: string | undefined;
  /** `user:password` of this server itself, where a callee asks for that instead. */
  basic?: string;
  /** What a callee that is none of ours wants beside it. */
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

export interface Exchange extends Omit<CallOptions, 'signal'> {
  upstream: string;
  baseUrl: string;
  path: string;
  method: 'GET' | 'POST' | 'PUT';
  body?: unknown;
  signal: AbortSignal;
  /** Milliseconds that this server waits; the callee is told. */
  patience: number;
}

/** One request and its answer, read as JSON; undefined for 204. @throws {UpstreamError} or what undici throws */
export async function exchange(dispatcher: Dispatcher, call: Exchange): Promise<unknown> {
  const { upstream, baseUrl, path, method, body, signal } = call;
  const response = await dispatcher.request({
    origin: baseUrl,
    path,
    method,
    headers: headersFor(call),
    body: body === undefined ? null : JSON.stringify(body),
    signal,
  });
  const { statusCode: status } = response;
  if (status >= 300) throw new UpstreamError(upstream, 'status', await refusalOf(response));
  if (status !== 204) return readJson(upstream, response);
  await response.body.dump();
  return undefined;
}

function headersFor(call: Exchange): Record<string, string> {
  const { bearer, basic, headers, body, patience } = call;
  const context = currentContext();
  return {
    accept: 'application/json',
    [DEADLINE_HEADER]: String(Math.floor(patience)),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...(basic && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    ...(context && { 'x-request-id': context.requestId, traceparent: context.traceparent }),
    ...headers,
  };
}

async function refusalOf(response: Dispatcher.ResponseData): Promise<Refusal> {
  const { statusCode: status, headers } = response;
  const { location } = headers;
  return {
    status,
    location: typeof location === 'string' ? location : undefined,
    retryAfter: headers['retry-after'] !== undefined,
    ...(await readRefusal(response)),
  };
}

/** What a refusal says of itself: a problem document of ours, or another one's JSON; any other body is not read. */
async function readRefusal({ body, headers }: Dispatcher.ResponseData): Promise<Partial<Refusal>> {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !JSON_DOCUMENT.test(type)) {
    await body.dump();
    return {};
  }
  const text = await body.text();
  try {
    const value: unknown = JSON.parse(text);
    return {
      problem: problemDocument.Check(value) ? value : undefined,
      type: typedDocument.Check(value) ? value.type : undefined,
    };
  } catch {
    return {};
  }
}

async function readJson(upstream: string, response: Dispatcher.ResponseData): Promise<unknown> {
  const text = await response.body.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpstreamError(upstream, 'invalid', undefined, error);
  }
}
