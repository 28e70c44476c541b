import { ProblemError, timedOut, unavailable } from '../errors/index.ts';

/** `open`: not asked, as it fails anyway. `overloaded`: not asked, as too many calls wait for it already. */
export type UpstreamFailure =
  | 'status'
  | 'timeout'
  | 'aborted'
  | 'invalid'
  | 'unreachable'
  | 'open'
  | 'overloaded';

/** What an answer of 300 or above says. */
export interface Refusal {
  status: number;
  location?: string | undefined;
  /** Whether it says when to come back. */
  retryAfter?: boolean;
}

/** Why another server gave no valid answer; `status` is set when it answered with 300 or above. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: string;
  readonly failure: UpstreamFailure;
  readonly status: number | undefined;
  /** Where a redirect leads, as the upstream wrote it. */
  readonly location: string | undefined;
  readonly retryAfter: boolean;

  constructor(upstream: string, failure: UpstreamFailure, refusal?: Refusal, cause?: unknown) {
    super(`${upstream}: ${failure}${refusal ? ` ${refusal.status}` : ''}`, { cause });
    this.upstream = upstream;
    this.failure = failure;
    this.status = refusal?.status;
    this.location = refusal?.location;
    this.retryAfter = refusal?.retryAfter ?? false;
  }

  static from(upstream: string, error: unknown): UpstreamError {
    if (error instanceof UpstreamError) return error;
    return new UpstreamError(upstream, kindOf(error), undefined, error);
  }

  /** What the caller is told: which server failed, and how, is for the log. */
  toProblem(): ProblemError {
    if (this.failure === 'timeout') return timedOut(this);
    if (this.failure === 'open' || this.failure === 'overloaded') return unavailable(this);
    return new ProblemError(502, 'SYS_5002', 'An upstream service gave no valid answer.', { cause: this });
  }
}

/** undici's codes for an answer that breaks HTTP or our bounds. */
const INVALID = ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW'];

function kindOf(error: unknown): UpstreamFailure {
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError') return 'timeout';
  if (error.name === 'AbortError') return 'aborted';
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && (INVALID.includes(code) || code.startsWith('HPE_'))) return 'invalid';
  return code?.includes('TIMEOUT') ? 'timeout' : 'unreachable';
}
