import type { Problem, ProblemCode, UnavailableItem } from '../contracts/index.ts';

export interface FieldError {
  field: string;
  message: string;
}

interface ProblemOptions {
  headers?: Record<string, string>;
  errors?: FieldError[];
  unavailable?: UnavailableItem[];
  /** The private detail: goes to the log, never to the caller. */
  cause?: unknown;
}

/** An expected failure: `detail` is for the caller's eyes, the cause is for the log alone. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Record<string, string>;
  readonly errors: FieldError[] | undefined;
  readonly unavailable: UnavailableItem[] | undefined;

  constructor(status: number, code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
    this.unavailable = options.unavailable;
  }
}

const REALM = 'Bearer realm="doa-market"';

/** No token was presented: RFC 6750 section 3.1 wants the challenge without an error code. */
export const unauthenticated = () =>
  new ProblemError(401, 'AUTH_1001', 'An access token is required.', {
    headers: { 'WWW-Authenticate': REALM },
  });

export const invalidToken = (cause?: unknown) =>
  new ProblemError(401, 'AUTH_1002', 'The access token is invalid or has expired.', {
    headers: { 'WWW-Authenticate': `${REALM}, error="invalid_token"` },
    cause,
  });

/** The token is sound, but its session was ended: only a new sign-in helps. */
export const sessionEnded = () =>
  new ProblemError(401, 'AUTH_1005', 'The session was ended.', {
    headers: { 'WWW-Authenticate': `${REALM}, error="invalid_token"` },
  });

export const forbidden = () =>
  new ProblemError(403, 'AUTH_1003', 'This access token does not allow the request.', {
    headers: { 'WWW-Authenticate': `${REALM}, error="insufficient_scope"` },
  });

export const notFound = (what = 'The resource') =>
  new ProblemError(404, 'REQ_4040', `${what} does not exist.`);

/** The request is fine by itself, but not with what is there (RFC 9110 section 15.5.10). */
export const conflict = (detail: string) => new ProblemError(409, 'REQ_4090', detail);

/** Somebody else changed it since the caller read it (RFC 9110 section 13.1.1). */
export const preconditionFailed = () =>
  new ProblemError(412, 'REQ_4120', 'The resource has changed since it was read.');

/** RFC 6585 section 3 */
export const preconditionRequired = () =>
  new ProblemError(428, 'REQ_4280', 'This request needs an If-Match with the ETag that was read.');

export const invalidFields = (errors: FieldError[]) =>
  new ProblemError(422, 'REQ_4220', 'Some fields are invalid.', { errors });

/** @param retryAfter seconds */
export const unavailable = (cause?: unknown, retryAfter = 1) =>
  new ProblemError(503, 'SYS_5003', 'The service is not available at the moment.', {
    headers: { 'Retry-After': String(retryAfter) },
    cause,
  });

/** What was needed for the answer did not come while its caller waited. */
export const timedOut = (cause?: unknown) =>
  new ProblemError(504, 'SYS_5004', 'An upstream service did not answer in time.', { cause });

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The document that leaves for `error` (RFC 9457): nothing of an unexpected error is in it. */
export function toProblem(error: ProblemError, instance: string, requestId: string): Problem {
  return {
    type: `https://doa.market/problems/${error.code}`,
    title: TITLES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    instance,
    code: error.code,
    requestId,
    ...(error.errors && { errors: error.errors }),
    ...(error.unavailable && { unavailable: error.unavailable }),
  };
}
