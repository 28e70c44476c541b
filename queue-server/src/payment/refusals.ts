import { notFound, ProblemError } from '@doa-market/common/errors';

export const paymentNotFound = () => notFound('The payment');

export const amountChanged = () =>
  new ProblemError(409, 'ORD_4091', 'The order costs another amount than the buyer has seen.');

export const noPermit = () =>
  new ProblemError(403, 'QUE_4030', 'This order needs its own permit to pay, which has not expired.');

export const notPayable = (detail = 'The order is not in a state in which it can be paid.') =>
  new ProblemError(409, 'PAY_4090', detail);

export const holdLost = (cause: unknown) =>
  new ProblemError(409, 'PAY_4090', 'What was put by for the order is no longer held.', { cause });

export const beingPaid = () =>
  new ProblemError(409, 'PAY_4091', 'Another payment of this order is under way.');
