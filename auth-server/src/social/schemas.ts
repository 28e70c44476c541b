import {
  AgreementSchema,
  EmailSchema,
  PersonNameSchema,
  SessionTokensSchema,
} from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };

export const ProviderParamsSchema = Type.Object({
  provider: Type.String({ pattern: '^[a-z]{2,20}$', examples: ['kakao'] }),
});

const RedirectSchema = Type.String({
  maxLength: 2_048,
  description: 'a path of the storefront to go to afterwards',
  examples: ['/account'],
});
/** Anything short: what is none of ours is a sign-in that is over, and not a wrong field. */
const HandleSchema = Type.String({ minLength: 1, maxLength: 200 });
const FromProviderSchema = Type.String({ minLength: 1, maxLength: 2_048 });

export const StartSchema = Type.Object({ redirect: Type.Optional(RedirectSchema) }, strict);
export const StartedSchema = Type.Object({
  authorizationUrl: Type.String({ description: 'where the browser is to be sent' }),
  handle: Type.String({ description: 'to be kept in this browser alone; good for 10 minutes, and once' }),
});
export type Started = Static<typeof StartedSchema>;

export const CompleteSchema = Type.Object(
  {
    code: FromProviderSchema,
    state: FromProviderSchema,
    iss: Type.Optional(Type.String({ maxLength: 2_048, description: 'as the provider sent it (RFC 9207)' })),
    handle: HandleSchema,
  },
  strict,
);
export type Completion = Static<typeof CompleteSchema>;

const SignedInSchema = Type.Interface([SessionTokensSchema], {
  status: Type.Literal('SIGNED_IN'),
  redirect: RedirectSchema,
});
const AgreementsRequiredSchema = Type.Object({
  status: Type.Literal('AGREEMENTS_REQUIRED'),
  handle: Type.String({ description: 'for the registration; good for 30 minutes' }),
  email: EmailSchema,
  emailCodeRequired: Type.Boolean({
    description: 'the provider does not vouch for the address, so a code was sent to it',
  }),
  name: Type.Optional(Type.String()),
  redirect: RedirectSchema,
});
export const CompletedSchema = Type.Union([SignedInSchema, AgreementsRequiredSchema]);
export type SignedIn = Static<typeof SignedInSchema>;
export type Completed = Static<typeof CompletedSchema>;
export const RegisteredSchema = SignedInSchema;

export const SocialRegistrationSchema = Type.Object(
  {
    handle: HandleSchema,
    name: Type.Optional(PersonNameSchema),
    emailCode: Type.Optional(Type.String({ minLength: 1, maxLength: 20, description: 'as sent by mail' })),
    agreements: Type.Array(AgreementSchema, { maxItems: 10 }),
  },
  strict,
);
export type SocialRegistration = Static<typeof SocialRegistrationSchema>;

export const LinkedSchema = Type.Object({ redirect: RedirectSchema });
