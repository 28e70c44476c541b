import type { UnavailableItem } from '@doa-market/common/contracts';
import { notFound, ProblemError } from '@doa-market/common/errors';

/** Not all of it can be had: says exactly what cannot, and how many of that are left. */
export const notAvailable = (short: readonly UnavailableItem[]) =>
  new ProblemError(409, 'INV_4090', 'Not all of it is available.', {
    unavailable: short.map(({ id, available }) => ({ id, available })),
  });

export const holdIsOver = () => new ProblemError(409, 'INV_4091', 'The hold is over.');

export const holdIsSold = () => new ProblemError(409, 'INV_4092', 'What was held has been sold.');

export const holdIsNotSold = () => new ProblemError(409, 'INV_4091', 'What was held has not been sold.');

export const holdNotFound = () => notFound('The hold');

export const keyOfAnother = () =>
  new ProblemError(422, 'IDEM_4220', 'The key of the owner belongs to a hold of something else.');
