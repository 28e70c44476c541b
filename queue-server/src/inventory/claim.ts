import { ProblemError } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';

/** Seconds that a hold lasts until its buyer goes to pay. */
export const HOLD_SECONDS = 300;

/** Who holds, in the words of product-server: a member, and never an order, for that is made after the hold. */
export const ownerOf = ({ subject }: Pick<NamedWrite, 'subject'>): string => `member:${subject}`;

/** What was held under this name has ended before an order was made of it: another name finds another hold. */
export const holdIsOver = () =>
  new ProblemError(409, 'INV_4091', 'What was held for this request is not held any more: send it anew.');
