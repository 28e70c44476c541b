import { ProblemError } from '../errors/index.ts';

export type UpstreamFailure = 'status' | 'timeout' | 'aborted' | 'invalid' | 'unreachable';

/** Why another server gave no valid answer; `status` is set when it answered with 300 or above. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: string;
  readonly failure: UpstreamFailure;
  readonly status: number | undefined;

  constructor(upstream: string, failure: UpstreamFailure, status?: number, cause?: unknown) {
    super(`${upstream}: ${failure}${status === undefined ? '' : ` ${status}`}`, { cause });
    this.upstream = upstream;
    this.failure = failure;
    this.status = status;
  }

  static from(upstream: string, error: unknown): UpstreamError {
    if (error instanceof UpstreamError) return error;
    return new UpstreamError(upstream, kindOf(error), undefined, error);
  }

  /** What the caller is told: which server failed, and how, is for the log. */
  toProblem(): ProblemError {
    if (this.failure === 'timeout') {
      return new ProblemError(504, 'SYS_5004', 'An upstream service did not answer in time.', {
        cause: this,
      });
    }
    return new ProblemError(502, 'SYS_5002', 'An upstream service gave no valid answer.', { cause: this });
  }
}

function kindOf(error: unknown): UpstreamFailure {
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError') return 'timeout';
  if (error.name === 'AbortError') return 'aborted';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'invalid';
  return code?.includes('TIMEOUT') ? 'timeout' : 'unreachable';
}
