import { type Static, type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Agent, type Dispatcher, interceptors } from 'undici';
import { currentContext } from '../context/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { UpstreamError, type UpstreamFailure } from './upstream-error.ts';

interface ServiceClientOptions {
  /** The callee's folder name, for metrics, logs and readiness. */
  name: string;
  baseUrl: string;
  /** Milliseconds from the call to the last byte of the answer. */
  timeout: number;
  metrics: Metrics;
  /** Bytes; a longer answer is given up. */
  maxResponseSize?: number;
}

export interface CallOptions {
  /** The end user's access token, passed on so that the callee decides for itself. */
  bearer?: string | undefined;
  /** `user:password` of this server itself, where a callee asks for that instead. */
  basic?: string;
  signal?: AbortSignal;
}

interface Exchange extends CallOptions {
  method: 'GET' | 'POST' | 'PUT';
  body?: unknown;
}

const NOTHING = Type.Undefined();

/** A call that lost its reused connection to a restart has not been served: it may be sent once more. */
const LOST_CONNECTION = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** A client of one other server: deadline, request id and trace passed on, answers parsed by a schema. */
export function createServiceClient(options: ServiceClientOptions) {
  const { name, baseUrl, timeout, metrics } = options;
  const dispatcher = new Agent({
    connections: 64,
    connect: { timeout: Math.min(timeout, 1_000) },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: options.maxResponseSize ?? 5_000_000,
  }).compose(
    interceptors.retry({
      maxRetries: 1,
      minTimeout: 20,
      methods: ['GET'],
      statusCodes: [],
      errorCodes: LOST_CONNECTION,
      throwOnError: false,
    }),
  );
  const validators = new Map<TSchema, Validator>();

  function validatorFor(schema: TSchema): Validator {
    const known = validators.get(schema);
    if (known) return known;
    const validator = Compile(schema);
    validators.set(schema, validator);
    return validator;
  }

  async function exchange(path: string, init: Exchange): Promise<unknown> {
    const deadline = AbortSignal.timeout(timeout);
    const signals = [deadline, init.signal, currentContext()?.signal].filter((it) => it !== undefined);
    const response = await dispatcher.request({
      origin: baseUrl,
      path,
      method: init.method,
      headers: headersFor(init),
      body: init.body === undefined ? null : JSON.stringify(init.body),
      signal: AbortSignal.any(signals),
    });
    if (response.statusCode >= 300) {
      await response.body.dump();
      throw new UpstreamError(name, 'status', response.statusCode);
    }
    if (response.statusCode === 204) {
      await response.body.dump();
      return undefined;
    }
    return await readJson(name, response);
  }

  async function call<T extends TSchema>(path: string, schema: T, init: Exchange): Promise<Static<T>> {
    const startedAt = performance.now();
    let outcome: UpstreamFailure | 'ok' = 'ok';
    try {
      const value = await exchange(path, init);
      if (!validatorFor(schema).Check(value)) throw new UpstreamError(name, 'invalid');
      return value as Static<T>;
    } catch (error) {
      const failure = UpstreamError.from(name, error);
      outcome = failure.failure;
      throw failure;
    } finally {
      metrics.upstreamFinished(name, outcome, (performance.now() - startedAt) / 1_000);
    }
  }

  return {
    name,
    /** @throws {UpstreamError} when no valid answer came in time. */
    get: <T extends TSchema>(path: string, schema: T, init: CallOptions = {}) =>
      call(path, schema, { ...init, method: 'GET' }),
    /** Never repeated. @throws {UpstreamError} */
    post: <T extends TSchema>(path: string, schema: T, body: unknown, init: CallOptions = {}) =>
      call(path, schema, { ...init, method: 'POST', body }),
    /** Answered with 204 alone. Never repeated. @throws {UpstreamError} */
    put: (path: string, body: unknown, init: CallOptions = {}): Promise<void> =>
      call(path, NOTHING, { ...init, method: 'PUT', body }),
    /** For /ready: the callee's process answers (its own dependencies are its own to report). */
    async check(signal: AbortSignal): Promise<void> {
      const response = await dispatcher.request({ origin: baseUrl, path: '/health', method: 'GET', signal });
      await response.body.dump();
      if (response.statusCode !== 200) throw new UpstreamError(name, 'status', response.statusCode);
    },
    close: () => dispatcher.close(),
  };
}
export type ServiceClient = ReturnType<typeof createServiceClient>;

function headersFor({ bearer, basic, body }: CallOptions & { body?: unknown }): Record<string, string> {
  const context = currentContext();
  return {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...(basic && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    ...(context && { 'x-request-id': context.requestId, traceparent: context.traceparent }),
  };
}

async function readJson(name: string, response: Dispatcher.ResponseData): Promise<unknown> {
  const text = await response.body.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpstreamError(name, 'invalid', undefined, error);
  }
}
