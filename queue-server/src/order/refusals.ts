import { notFound, ProblemError } from '@doa-market/common/errors';

export const orderNotFound = () => notFound('The order');

/** It is in no status from which it could become that, or somebody else was faster. */
export const notInState = () =>
  new ProblemError(409, 'ORD_4090', 'The order is not in a state that allows this.');

export const priceChanged = () =>
  new ProblemError(409, 'ORD_4091', 'The price is another one than the buyer has seen.');

export const notCancellable = () =>
  new ProblemError(409, 'ORD_4092', 'The order can no longer be cancelled.');

export const admissionInUse = () =>
  new ProblemError(409, 'ORD_4093', 'Another order of this admission has not ended yet.');

/** The same name for something else: a mistake of the client, and never a second order. */
export const keyOfAnotherOrder = () =>
  new ProblemError(422, 'IDEM_4220', 'The idempotency key belongs to another request.');

export const keyMissing = () =>
  new ProblemError(400, 'IDEM_4000', 'This request needs an idempotency key: X-Idempotency-Key.');
