import { type Static, Type } from 'typebox';
import { EmailSchema, IdSchema } from './atoms.ts';
import { AgreementSchema, MemberRoleSchema } from './identity.ts';

/** What auth-server asks of member-server: /internal alone, and never routed by the gateway. */

const strict = { additionalProperties: false };

/** PHC string; null for a member who has only ever signed in through somebody else. */
const PasswordHashSchema = Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]);

/** `POST /internal/credentials` */
export const CredentialsQuerySchema = Type.Object({ email: EmailSchema }, strict);

/** What it takes to decide on a login. Also `GET /internal/members/:id`. */
export const CredentialsSchema = Type.Object({
  memberId: IdSchema,
  email: EmailSchema,
  name: Type.String(),
  role: MemberRoleSchema,
  passwordHash: PasswordHashSchema,
  emailVerified: Type.Boolean(),
});
export type Credentials = Static<typeof CredentialsSchema>;

/** `POST /internal/identities` finds a member (404), `PUT /internal/members/:id/identities` links one (409). */
export const ExternalIdentitySchema = Type.Object(
  {
    provider: Type.String({ pattern: '^[a-z]{2,20}$' }),
    subject: Type.String({ minLength: 1, maxLength: 255 }),
  },
  strict,
);
export type ExternalIdentity = Static<typeof ExternalIdentitySchema>;

/**
 * `POST /internal/members`: 201, or 409 when the address has a member who proved that it is theirs. A member who never
 * did is replaced: id, password, name, agreements and all. Who registers somebody else's address first must not be the
 * one whose password counts once its owner proves it.
 */
export const NewMemberSchema = Type.Object(
  {
    email: EmailSchema,
    name: Type.String({ minLength: 1, maxLength: 100 }),
    passwordHash: PasswordHashSchema,
    emailVerified: Type.Boolean(),
    agreements: Type.Array(AgreementSchema, { maxItems: 10 }),
    /** Linked in the same transaction. */
    identity: Type.Optional(ExternalIdentitySchema),
  },
  strict,
);
export type NewMember = Static<typeof NewMemberSchema>;
export const MemberIdSchema = Type.Object({ memberId: IdSchema });

/** `PUT /internal/members/:id/password`: 204, or 409 when the hash is not `expected` any more. */
export const PasswordChangeSchema = Type.Object(
  { passwordHash: Type.String({ minLength: 1, maxLength: 200 }), expected: PasswordHashSchema },
  strict,
);

/** `PUT /internal/members/:id/email-verified`: 204, or 409 when the hash is not `expected`: proof is of one registration. */
export const EmailProofSchema = Type.Object({ expected: PasswordHashSchema }, strict);

/**
 * `PUT /internal/members/:id/certification`: who somebody is by law. 409 when the person has another account: CI is
 * the same for one person everywhere, DI for one person at one shop.
 */
export const CertificationSchema = Type.Object(
  {
    ci: Type.String({ minLength: 1, maxLength: 200 }),
    di: Type.String({ minLength: 1, maxLength: 200 }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    birthDate: Type.String({ format: 'date' }),
    phone: Type.String({ pattern: '^01[016789]\\d{7,8}$', examples: ['01012345678'] }),
  },
  strict,
);
export type Certification = Static<typeof CertificationSchema>;
