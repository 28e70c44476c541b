import { type Static, Type } from 'typebox';
import { EmailSchema, IdSchema } from './atoms.ts';

export const ROLES = ['GUEST', 'MEMBER', 'SELLER', 'ADMIN'] as const;
export const RoleSchema = Type.Enum([...ROLES]);
export type Role = (typeof ROLES)[number];

/** The roles a stored member can have: a guest is nobody's record. */
export const MemberRoleSchema = Type.Enum(['MEMBER', 'SELLER', 'ADMIN']);
export type MemberRole = Static<typeof MemberRoleSchema>;

/** What auth-server answers to a guest and to a login (RFC 6749 section 5.1, in camelCase). */
export const AccessTokenSchema = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ minimum: 1, description: 'seconds' }),
  role: RoleSchema,
});
export type AccessToken = Static<typeof AccessTokenSchema>;

export const MemberSchema = Type.Object({
  id: IdSchema,
  email: EmailSchema,
  name: Type.String(),
  role: MemberRoleSchema,
});
export type Member = Static<typeof MemberSchema>;

/** What auth-server asks of member-server (`POST /internal/credentials`) to check a password. */
export const CredentialsQuerySchema = Type.Object({ email: EmailSchema }, { additionalProperties: false });
export const CredentialsSchema = Type.Object({
  memberId: IdSchema,
  role: MemberRoleSchema,
  passwordHash: Type.String({ description: 'PHC string' }),
});
