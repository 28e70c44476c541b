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
  accessToken: Type.String({
    examples: ['eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl'],
  }),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ minimum: 1, description: 'seconds', examples: [900] }),
  role: RoleSchema,
});
export type AccessToken = Static<typeof AccessTokenSchema>;

/** What a login, a refresh and a completed link answer: the pair of tokens of one session. */
export const SessionTokensSchema = Type.Interface([AccessTokenSchema], {
  memberId: IdSchema,
  sessionId: IdSchema,
  refreshToken: Type.String({
    description: 'opaque, good for one use',
    examples: ['rt_Ck1fQ2xvc2VkIGJvb2s'],
  }),
  refreshExpiresIn: Type.Integer({ minimum: 1, description: 'seconds', examples: [604_800] }),
});
export type SessionTokens = Static<typeof SessionTokensSchema>;

/** `POST /internal/service-tokens`: with it one server calls another's /internal endpoints. */
export const ServiceTokenRequestSchema = Type.Object(
  { audience: Type.String({ pattern: '^[a-z-]{1,40}$', description: "the callee's folder name" }) },
  { additionalProperties: false },
);
export const ServiceTokenSchema = Type.Object({
  accessToken: Type.String({
    examples: ['eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl'],
  }),
  expiresIn: Type.Integer({ minimum: 1, description: 'seconds', examples: [900] }),
});

/** NIST SP 800-63B section 3.1.1: long ones welcome, every script, nothing cut off. Counted in code points. */
export const NewPasswordSchema = Type.String({
  minLength: 8,
  maxLength: 128,
  examples: ['a long walk by the river'],
});

export const MemberSchema = Type.Object({
  id: IdSchema,
  email: EmailSchema,
  name: Type.String(),
  role: MemberRoleSchema,
});
export type Member = Static<typeof MemberSchema>;

export const AGREEMENT_DOCUMENTS = ['TERMS', 'PRIVACY', 'MARKETING'] as const;
/** The version in force of each document, by the day it came into force. */
export const AGREEMENT_VERSIONS = { TERMS: '2026-11-01', PRIVACY: '2026-11-01', MARKETING: '2026-11-01' };
/** Without these nobody becomes a member. */
export const REQUIRED_AGREEMENTS = ['TERMS', 'PRIVACY'] as const;
export const AgreementSchema = Type.Object(
  {
    document: Type.Enum([...AGREEMENT_DOCUMENTS]),
    version: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-11-01'] }),
  },
  { additionalProperties: false },
);
export type Agreement = Static<typeof AgreementSchema>;
