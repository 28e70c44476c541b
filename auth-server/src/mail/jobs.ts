import { EmailSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What is to be told to whom. Nothing here depends on whether the address has a member: that is found out when the mail
 * is written, long after the answer has left. Links are made then, too, so no secret lies in the queue.
 */
export const MAIL_KINDS = [
  'registration',
  'social-registration',
  'verification',
  'password-reset',
  'password-changed',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export const MailJobSchema = Type.Object({
  kind: Type.Enum([...MAIL_KINDS]),
  email: EmailSchema,
  requestId: Type.String(),
});
export type MailJob = Static<typeof MailJobSchema>;

const jobValidator = Compile(MailJobSchema);
export const parseJob = (text: string): MailJob => jobValidator.Parse(JSON.parse(text));
