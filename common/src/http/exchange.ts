import type { Dispatcher } from 'undici';
import { currentContext, DEADLINE_HEADER } from '../context/index.ts';
import { UpstreamError } from './upstream-error.ts';

export interface CallOptions {
  /** The end user's access token, passed on so that the callee decides for itself. */
  bearer?: string | undefined;
  /** `user:password` of this server itself, where a callee asks for that instead. */
  basic?: string;
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
  if (status >= 300 || status === 204) await response.body.dump();
  if (status >= 300) throw new UpstreamError(upstream, 'status', refusalOf(response));
  return status === 204 ? undefined : readJson(upstream, response);
}

function headersFor(call: Exchange): Record<string, string> {
  const { bearer, basic, body, patience } = call;
  const context = currentContext();
  return {
    accept: 'application/json',
    [DEADLINE_HEADER]: String(Math.floor(patience)),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...(basic && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    ...(context && { 'x-request-id': context.requestId, traceparent: context.traceparent }),
  };
}

function refusalOf({ statusCode, headers }: Dispatcher.ResponseData) {
  const { location } = headers;
  return {
    status: statusCode,
    location: typeof location === 'string' ? location : undefined,
    retryAfter: headers['retry-after'] !== undefined,
  };
}

async function readJson(upstream: string, response: Dispatcher.ResponseData): Promise<unknown> {
  const text = await response.body.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpstreamError(upstream, 'invalid', undefined, error);
  }
}
