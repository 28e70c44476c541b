import { AgreementSchema, EmailSchema, NewPasswordSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';
import { BotTokenSchema } from '../bot-check/bot-check.ts';

export const RegistrationSchema = Type.Object(
  {
    email: EmailSchema,
    password: NewPasswordSchema,
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^\\P{Cc}*[^\\p{Cc}\\s]\\P{Cc}*$' }),
    agreements: Type.Array(AgreementSchema, { maxItems: 10 }),
    botToken: Type.Optional(BotTokenSchema),
  },
  { additionalProperties: false },
);
export type Registration = Static<typeof RegistrationSchema>;

export const RegistrationAnswerSchema = Type.Object({ status: Type.Literal('VERIFICATION_SENT') });
