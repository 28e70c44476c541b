import type { IncomingMessage, ServerResponse } from 'node:http';
import { budgetFrom, createDeadline, DEADLINE_HEADER } from './deadline.ts';
import { type RequestContext, traceparentFrom } from './request.ts';

/**
 * The context of a request that has come in. Its signal is aborted when the client hangs up, and when its time is
 * over: what the client says, and never more than `budget` milliseconds.
 */
export function contextOf(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { requestId, budget = Number.POSITIVE_INFINITY }: { requestId: string; budget?: number | undefined },
): RequestContext {
  const time = Math.min(budget, budgetFrom(headers[DEADLINE_HEADER]) ?? budget);
  const gone = new AbortController();
  const limit = Number.isFinite(time) ? createDeadline(time, gone.signal) : undefined;
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
    limit?.release();
  });
  return {
    requestId,
    traceparent: traceparentFrom(headers['traceparent']),
    signal: limit?.signal ?? gone.signal,
    deadline: limit && performance.now() + time,
  };
}
