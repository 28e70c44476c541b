import { conflict, ProblemError } from '@doa-market/common/errors';
import type { UpstreamFailure } from '@doa-market/common/http';
import { ClientError, ResponseBodyError } from 'openid-client';

/** One answer for all that is over, was not begun here or is not the same sign-in: which, is for the log alone. */
export const signInGone = (cause?: unknown) =>
  new ProblemError(410, 'AUTH_1006', 'The sign-in is over or was not begun here. Start it again.', { cause });

export const withoutAddress = () =>
  conflict('The provider tells no email address. Register with yours, and link the provider then.');

export const hasAccount = () =>
  conflict('There is an account with this email address. Sign in to it, and link the provider there.');

export const linkedElsewhere = () =>
  conflict('This sign-in belongs to another account, or yours has another one of this provider.');

/** The provider does not know the code: it was used, is too old, or was never given to us (RFC 6749 section 5.2). */
export const isGrantGone = (error: unknown): boolean =>
  error instanceof ResponseBodyError && error.error === 'invalid_grant';

/** What went wrong with a provider, in the words of metrics and logs. */
export function failureOf(error: unknown): UpstreamFailure {
  if (error instanceof ResponseBodyError) return 'status';
  if (error instanceof ClientError) return error.code === 'OAUTH_TIMEOUT' ? 'timeout' : 'invalid';
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  // What fetch throws of a connection that could not be made, or was lost.
  if (error instanceof TypeError) return 'unreachable';
  return 'invalid';
}
