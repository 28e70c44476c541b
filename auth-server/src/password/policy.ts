import { invalidFields } from '@doa-market/common/errors';
import { dictionary } from '@zxcvbn-ts/language-common';

/** Those of the list that our minimum of 8 characters lets through: about 18,000 (ASVS 5 6.2.4 asks for 3,000). */
const COMMON = new Set(dictionary['passwords-common'].filter((it) => it.length >= 8));
/** What the list has not: words of ours, and favourites as they come out of a keyboard with Korean on it. */
const OURS = [
  'doamarket',
  'doa-market',
  'dkssudgktpdy',
  'qlalfqjsgh',
  'tkfkdgody',
  'rkskekfk',
  '비밀번호입니다',
];
for (const word of OURS) COMMON.add(word);

const MIN_CODE_POINTS = 8;

/**
 * Refuses what guessers try first. No rule on kinds of characters (NIST SP 800-63B-4 section 3.1.1.2); schemas have
 * looked at the length as it was sent.
 * @throws {ProblemError} 422 naming `field`
 */
export function assertAcceptable(field: string, password: string, email: string): void {
  const refuse = (message: string) => invalidFields([{ field, message }]);
  const normal = password.normalize('NFC');
  if (/\p{Surrogate}/u.test(normal)) throw refuse('must be well-formed text');
  if ([...normal].length < MIN_CODE_POINTS) throw refuse('must have at least 8 characters');
  const folded = normal.toLowerCase();
  const [mailbox] = email.toLowerCase().split('@', 1);
  if (folded === email.toLowerCase() || folded === mailbox) throw refuse('must not be the email address');
  // 'password1!' and 'doamarket2026' are as common as what they begin with.
  const bare = folded.replace(/[\d\p{P}\p{S}]+$/u, '');
  if (COMMON.has(folded) || COMMON.has(bare)) throw refuse('is one of the most common passwords');
}
