import { ProblemError } from '@doa-market/common/errors';
import { BASIC_CHALLENGE } from '../http/basic-auth.ts';

/** One answer whatever it was that did not fit. */
export const wrongCredentials = () =>
  new ProblemError(401, 'AUTH_1004', 'The email or the password is wrong.', {
    headers: { 'WWW-Authenticate': BASIC_CHALLENGE },
  });
