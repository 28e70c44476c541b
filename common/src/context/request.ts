import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync, randomUUID } from 'node:crypto';

/** What travels with a request through every hop without being passed by hand. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C Trace Context, level 1. */
  readonly traceparent: string;
  /** Aborted when the caller has gone, or its time is over: work for nobody stops. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, on the clock of performance.now(); undefined where it did not say. */
  readonly deadline?: number | undefined;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const runInContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);

/** The context of the request being served, or undefined at boot and in background jobs. */
export const currentContext = (): RequestContext | undefined => storage.getStore();

const REQUEST_ID = /^[A-Za-z0-9._-]{8,128}$/;

/** The caller's id where it is well formed (it ends up in logs and headers), else a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}

/** Drawn many at a time: asking the system for each id costs as much as a short answer. */
const pool = Buffer.alloc(4_096);
let drawn = pool.length;

function randomHex(bytes: number): string {
  if (drawn + bytes > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += bytes;
  return pool.toString('hex', drawn - bytes, drawn);
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** A traceparent for this hop: the caller's trace with a span of our own, or a new trace. */
export function traceparentFrom(header: string | string[] | undefined): string {
  const match = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  const traceId = match?.[1] ?? randomHex(16);
  return `00-${traceId}-${randomHex(8)}-${match?.[2] ?? '01'}`;
}

/** The trace id alone, as log lines carry it. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
