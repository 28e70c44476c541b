import { DateTimeSchema, IdSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };

/** Any text is looked at: what is none of ours is answered like one that is over. */
const RefreshTokenSchema = Type.String({ minLength: 1, maxLength: 200 });
export const RefreshSchema = Type.Object({ refreshToken: RefreshTokenSchema }, strict);
export const LogoutSchema = Type.Object({ refreshToken: Type.Optional(RefreshTokenSchema) }, strict);

export const SessionParamsSchema = Type.Object({ sid: IdSchema });
export const MemberParamsSchema = Type.Object({ id: IdSchema });

export const SessionSchema = Type.Object({
  id: IdSchema,
  current: Type.Boolean({ description: 'the one that asks' }),
  device: Type.String({ description: 'as the client named itself' }),
  address: Type.String({ description: 'without its last octet, or its last 64 bits; empty where unknown' }),
  createdAt: DateTimeSchema,
  lastUsedAt: DateTimeSchema,
});
export const SessionListSchema = Type.Object({ data: Type.Array(SessionSchema) });
export type SessionList = Static<typeof SessionListSchema>;
