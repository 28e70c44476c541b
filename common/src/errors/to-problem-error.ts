import type { ProblemCode } from '../contracts/index.ts';
import { ProblemError, timedOut } from './problem-error.ts';

/** What a framework's own refusal means to a caller; its message may name internals, so ours is sent. */
const FRAMEWORK_ERRORS: Record<number, [ProblemCode, string]> = {
  400: ['REQ_4000', 'The request is malformed.'],
  404: ['REQ_4040', 'The resource does not exist.'],
  405: ['REQ_4050', 'The resource does not have this method.'],
  413: ['REQ_4130', 'The request body is too large.'],
  415: ['REQ_4150', 'The media type of the request body is not supported.'],
  503: ['SYS_5003', 'The service is not available at the moment.'],
};

/** The expected failure that `error` is, or the one that hides it: 500 with the error as its cause. */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof Error && error.name === 'TimeoutError') return timedOut(error);
  const status = statusOf(error);
  const known = status === undefined ? undefined : FRAMEWORK_ERRORS[status];
  if (status !== undefined && known) return new ProblemError(status, ...known, { cause: error });
  return new ProblemError(500, 'SYS_5000', 'Something went wrong on our side.', { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  if ('status' in error && typeof error.status === 'number') return error.status;
  return undefined;
}
