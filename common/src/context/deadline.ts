import {
  currentContext,
  type RequestContext,
  requestIdFrom,
  runInContext,
  traceparentFrom,
} from './request.ts';

/**
 * How long a caller still waits, in milliseconds from when the callee reads it: relative, as clocks of two machines
 * differ. The gateway takes it off what comes from outside.
 */
export const DEADLINE_HEADER = 'x-request-deadline';

const MILLISECONDS = /^\d{1,6}$/;

/** Milliseconds that the caller gives; undefined where it says nothing that can be understood. */
export function budgetFrom(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && MILLISECONDS.test(header) ? Number(header) : undefined;
}

/** Milliseconds until the caller of a request, that being served, stops waiting; Infinity where it never said. */
export function timeLeft(context = currentContext()): number {
  const deadline = context?.deadline;
  return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline - performance.now());
}

interface Deadline {
  signal: AbortSignal;
  /** Lets go of the clock and of the other signals, when the work is done. */
  release: () => void;
}

/** An abort signal with a time of its own inside the times of others. */
export function createDeadline(milliseconds: number, ...outer: (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  const links = outer.filter((it) => it !== undefined);
  const follow = (event: Event) => {
    if (event.target instanceof AbortSignal) controller.abort(event.target.reason);
  };
  for (const signal of links) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', follow, { once: true });
  }
  const timer = setTimeout(() => controller.abort(timeIsOver()), milliseconds);
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      for (const signal of links) signal.removeEventListener('abort', follow);
    },
  };
}

const timeIsOver = () => new DOMException('The time is over', 'TimeoutError');

/**
 * What `work` gives, if it does within `milliseconds` and within the time of the request around it. When that is over
 * it rejects at once, also where `work` takes no notice of its signal.
 * @throws {DOMException} TimeoutError, or AbortError when the caller has gone
 */
export async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const outer = currentContext();
  const time = Math.min(milliseconds, timeLeft());
  const { signal, release } = createDeadline(time, outer?.signal);
  const context: RequestContext = {
    requestId: outer?.requestId ?? requestIdFrom(undefined),
    traceparent: outer?.traceparent ?? traceparentFrom(undefined),
    deadline: performance.now() + time,
    signal,
  };
  try {
    return await new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      runInContext(context, work).then(resolve, reject);
    });
  } finally {
    release();
  }
}
