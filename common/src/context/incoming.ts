import type { IncomingMessage, ServerResponse } from 'node:http';
import { budgetFrom, createDeadline, DEADLINE_HEADER, timeLeft } from './deadline.ts';
import { type RequestContext, traceparentFrom } from './request.ts';

interface ContextOptions {
  requestId: string;
  /** Milliseconds that a request has at most. */
  budget?: number | undefined;
}

/**
 * A trace and a signal take longer to make than a short answer does, and many requests need neither: each is made when
 * it is first asked for. A class, since getters of an object literal are made anew, and slowly, with every object.
 */
class IncomingContext implements RequestContext {
  readonly requestId: string;
  readonly deadline: number | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #traceparent: string | undefined;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, { requestId, budget }: ContextOptions) {
    const said = budgetFrom(request.headers[DEADLINE_HEADER]);
    const time = said === undefined ? budget : Math.min(said, budget ?? said);
    this.requestId = requestId;
    this.deadline = time === undefined ? undefined : performance.now() + time;
    this.#request = request;
    this.#response = response;
  }

  get traceparent(): string {
    this.#traceparent ??= traceparentFrom(this.#request.headers['traceparent']);
    return this.#traceparent;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalUntil(this.#response, this);
    return this.#signal;
  }
}

/**
 * The context of a request that has come in. Its signal is aborted when the client hangs up, and when its time is
 * over: what the client says, and never more than `budget` milliseconds.
 */
export const contextOf = (
  request: IncomingMessage,
  response: ServerResponse,
  options: ContextOptions,
): RequestContext => new IncomingContext(request, response, options);

function signalUntil(response: ServerResponse, context: RequestContext): AbortSignal {
  const gone = new AbortController();
  const limit = context.deadline === undefined ? undefined : createDeadline(timeLeft(context), gone.signal);
  const onClose = () => {
    if (!response.writableFinished) gone.abort();
    limit?.release();
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return limit?.signal ?? gone.signal;
}
