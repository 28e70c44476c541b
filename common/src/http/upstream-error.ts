import type { Problem } from '../contracts/index.ts';
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
  /** The `type` of the JSON that it says so with. */
  type?: string | undefined;
  /** The same where it is a problem document of ours. */
  problem?: Problem | undefined;
}

/** Statuses with which a callee that is well says no to what was asked, and not to who asks. */
const REFUSALS = [404, 409, 410, 422];

/** Why another server gave no valid answer; `status` is set when it answered with 300 or above. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: string;
  readonly failure: UpstreamFailure;
  readonly status: number | undefined;
  /** Where a redirect leads, as the upstream wrote it. */
  readonly location: string | undefined;
  readonly retryAfter: boolean;
  readonly type: string | undefined;
  readonly problem: Problem | undefined;

  constructor(upstream: string, failure: UpstreamFailure, refusal?: Refusal, cause?: unknown) {
    super(`${upstream}: ${failure}${refusal ? ` ${refusal.status}` : ''}`, { cause });
    this.upstream = upstream;
    this.failure = failure;
    this.status = refusal?.status;
    this.location = refusal?.location;
    this.retryAfter = refusal?.retryAfter ?? false;
    this.type = refusal?.type;
    this.problem = refusal?.problem;
  }

  static from(upstream: string, error: unknown): UpstreamError {
    if (error instanceof UpstreamError) return error;
    return new UpstreamError(upstream, kindOf(error), undefined, error);
  }

  /** The callee's own words, where it understood the question and said no: for a caller that passes them on. */
  toRefusal(): ProblemError | undefined {
    if (!this.problem || !REFUSALS.includes(this.problem.status)) return undefined;
    const { status, code, detail, errors, unavailable } = this.problem;
    return new ProblemError(status, code, detail, {
      ...(errors && { errors }),
      ...(unavailable && { unavailable }),
      cause: this,
    });
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
