import { setTimeout as delay } from 'node:timers/promises';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Agent } from 'undici';
import { createDeadline, currentContext, timeLeft } from '../context/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { type BreakerOptions, createCircuitBreaker, type Verdict } from './circuit-breaker.ts';
import { type CallOptions, type Exchange, exchange } from './exchange.ts';
import { createRetryBudget, isWorthRetrying, retryDelay } from './retry.ts';
import { UpstreamError, type UpstreamFailure } from './upstream-error.ts';

export type { CallOptions } from './exchange.ts';

interface ServiceClientOptions {
  /** The callee's folder name, for metrics, logs and readiness; one of its parts may have a client of its own. */
  name: string;
  baseUrl: string;
  /** Milliseconds from the call to the last byte of the answer, a second try included; less where the caller waits less. */
  timeout: number;
  metrics: Metrics;
  /** Bytes; a longer answer is given up. */
  maxResponseSize?: number;
  /** Calls at once; more are refused, so that one slow callee cannot hold everything that this server has. */
  maxInFlight?: number;
  breaker?: BreakerOptions;
}

type Init = CallOptions & Pick<Exchange, 'method' | 'body'>;

const NOTHING = Type.Undefined();
const CONNECTIONS = 64;
/** A call that was given less than this part of its time shows nothing about its callee. */
const FAIR_SHARE = 0.5;

/**
 * A client of one other server: what it does at most, whatever the other one does. Deadline, request id and trace
 * travel with each call, answers are parsed by a schema, a circuit breaker stops calling what fails, and reads alone
 * are tried again: once, and a tenth of them at most.
 */
export function createServiceClient(options: ServiceClientOptions) {
  const { name, baseUrl, timeout, metrics, maxInFlight = 4 * CONNECTIONS } = options;
  const dispatcher = new Agent({
    connections: CONNECTIONS,
    connect: { timeout: Math.min(timeout, 1_000) },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: options.maxResponseSize ?? 5_000_000,
  });
  const breaker = createCircuitBreaker(options.breaker);
  const retries = createRetryBudget();
  const validators = new Map<TSchema, Validator>();
  let inFlight = 0;
  metrics.watchUpstream(name, () => ({ inFlight, circuit: breaker.state() }));

  function validatorFor(schema: TSchema): Validator {
    const known = validators.get(schema);
    if (known) return known;
    const validator = Compile(schema);
    validators.set(schema, validator);
    return validator;
  }

  /** One try, which the breaker allows and learns from. */
  async function attempt(call: Exchange, isFair: boolean): Promise<unknown> {
    const settle = breaker.enter();
    if (!settle) throw new UpstreamError(name, 'open');
    let verdict: Verdict = 'unknown';
    try {
      const value = await exchange(dispatcher, call);
      verdict = 'success';
      return value;
    } catch (error) {
      const failure = UpstreamError.from(name, error);
      verdict = verdictOf(failure, isFair);
      throw failure;
    } finally {
      settle(verdict);
    }
  }

  async function attempts(path: string, init: Init): Promise<unknown> {
    const patience = Math.min(timeout, timeLeft());
    const until = performance.now() + patience;
    const isFair = patience >= timeout * FAIR_SHARE;
    const { signal, release } = createDeadline(patience, init.signal, currentContext()?.signal);
    const call = { ...init, upstream: name, baseUrl, path, signal, patience };
    try {
      signal.throwIfAborted();
      if (init.method === 'GET') retries.earn();
      return await attempt(call, isFair).catch(async (error: UpstreamError) => {
        const wait = retryDelay();
        const left = until - performance.now() - wait;
        if (init.method !== 'GET' || left <= 0 || !isWorthRetrying(error)) throw error;
        if (breaker.state() === 'open' || !retries.spend()) throw error;
        await delay(wait, undefined, { signal });
        metrics.upstreamRetried(name);
        return attempt({ ...call, patience: left }, isFair);
      });
    } finally {
      release();
    }
  }

  async function call<T extends TSchema>(path: string, schema: T, init: Init): Promise<Static<T>> {
    const startedAt = performance.now();
    let outcome: UpstreamFailure | 'ok' = 'ok';
    inFlight += 1;
    try {
      if (inFlight > maxInFlight) throw new UpstreamError(name, 'overloaded');
      const value = await attempts(path, init);
      if (!validatorFor(schema).Check(value)) throw new UpstreamError(name, 'invalid');
      return value as Static<T>;
    } catch (error) {
      const failure = UpstreamError.from(name, error);
      outcome = failure.failure;
      throw failure;
    } finally {
      inFlight -= 1;
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
    /** For /ready: the callee's process answers (its own dependencies are its own to report), and is called at all. */
    async check(signal: AbortSignal): Promise<void> {
      const response = await dispatcher.request({ origin: baseUrl, path: '/health', method: 'GET', signal });
      await response.body.dump();
      const { statusCode: status } = response;
      if (status !== 200) throw new UpstreamError(name, 'status', { status });
      if (breaker.state() === 'open') throw Object.assign(new Error('circuit'), { code: 'CIRCUIT_OPEN' });
    },
    close: () => dispatcher.close(),
  };
}
export type ServiceClient = ReturnType<typeof createServiceClient>;

/** A callee that answers is well, whatever it thinks of the question; one that is given no time has shown nothing. */
function verdictOf({ failure, status = 0 }: UpstreamError, isFair: boolean): Verdict {
  if (failure === 'aborted') return 'unknown';
  if (failure === 'timeout') return isFair ? 'failure' : 'unknown';
  return failure === 'unreachable' || status >= 500 ? 'failure' : 'success';
}
