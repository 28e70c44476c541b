import { type Static, Type } from 'typebox';
import { DateTimeSchema, PageQuerySchema, PageSchema } from './atoms.ts';
import { AGREEMENT_DOCUMENTS, AgreementSchema, MemberRoleSchema, MemberSchema } from './identity.ts';

/** What members read and change of themselves, and administrators of them. */

const strict = { additionalProperties: false };

/** No control characters, and something that can be seen. */
export const PersonNameSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^\\P{Cc}*[^\\s\\p{Cc}]\\P{Cc}*$',
  examples: ['김도아'],
});

/** A Korean mobile number, digits alone. */
export const PhoneSchema = Type.String({ pattern: '^01[016789]\\d{7,8}$', examples: ['01012345678'] });

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** `GET /api/members/me` */
export const MemberProfileSchema = Type.Interface([MemberSchema], {
  phone: nullable(PhoneSchema),
  emailVerified: Type.Boolean(),
  certification: nullable(
    Type.Object({
      name: Type.String(),
      birthDate: Type.String({ format: 'date' }),
      phone: PhoneSchema,
      certifiedAt: DateTimeSchema,
    }),
  ),
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
});
export type MemberProfile = Static<typeof MemberProfileSchema>;

/** `PATCH /api/members/me`: what is not named stays. */
export const MemberChangesSchema = Type.Object(
  { name: Type.Optional(PersonNameSchema), phone: Type.Optional(nullable(PhoneSchema)) },
  { ...strict, minProperties: 1 },
);
export type MemberChanges = Static<typeof MemberChangesSchema>;

export const MEMBER_STATUSES = ['ACTIVE', 'SUSPENDED', 'LEFT'] as const;
export const MemberStatusSchema = Type.Enum([...MEMBER_STATUSES]);

/** A member as an administrator sees them. */
export const ManagedMemberSchema = Type.Interface([MemberSchema], {
  phone: nullable(PhoneSchema),
  status: MemberStatusSchema,
  emailVerified: Type.Boolean(),
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
  leftAt: nullable(DateTimeSchema),
});
export type ManagedMember = Static<typeof ManagedMemberSchema>;

/** `GET /api/members` */
export const ManagedMemberQuerySchema = Type.Object(
  {
    ...PageQuerySchema.properties,
    search: Type.Optional(
      Type.String({ minLength: 1, maxLength: 254, description: 'a whole name or a whole address' }),
    ),
    role: Type.Optional(MemberRoleSchema),
    status: Type.Optional(MemberStatusSchema),
  },
  strict,
);
export type ManagedMemberQuery = Static<typeof ManagedMemberQuerySchema>;
export const ManagedMemberListSchema = PageSchema(ManagedMemberSchema);

/** `PATCH /api/members/:id`: nobody but members themselves makes them leave. */
export const ManagedMemberChangesSchema = Type.Object(
  { role: Type.Optional(MemberRoleSchema), status: Type.Optional(Type.Enum(['ACTIVE', 'SUSPENDED'])) },
  { ...strict, minProperties: 1 },
);
export type ManagedMemberChanges = Static<typeof ManagedMemberChangesSchema>;

/** `GET /api/members/me/agreements`: the newest decision on each document that there was one on. */
export const AgreementDecisionSchema = Type.Interface([AgreementSchema], {
  agreed: Type.Boolean(),
  decidedAt: DateTimeSchema,
});
export const AgreementDecisionListSchema = Type.Object({ data: Type.Array(AgreementDecisionSchema) });

/** `PUT /api/members/me/agreements/:document` */
export const AgreementParamsSchema = Type.Object({ document: Type.Enum([...AGREEMENT_DOCUMENTS]) });
export const AgreementChangeSchema = Type.Object(
  { version: AgreementSchema.properties.version, agreed: Type.Boolean() },
  strict,
);
export type AgreementChange = Static<typeof AgreementChangeSchema>;
