import { Type } from 'typebox';

/** Anything short: what is no token of ours is a link that has gone, and not a wrong field. */
export const LinkTokenSchema = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'the link’s fragment',
});

/** The same for every address: whether it has a member is told by mail alone. */
export const MailSentSchema = Type.Object({ status: Type.Literal('ACCEPTED') });
