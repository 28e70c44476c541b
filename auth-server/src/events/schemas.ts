import { DateTimeSchema, PageSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

export const SECURITY_EVENT_TYPES = [
  'REGISTERED',
  'EMAIL_VERIFIED',
  'LOGIN',
  'LOGIN_FAILED',
  'LOGOUT',
  'REFRESH_REUSED',
  'SESSION_REVOKED',
  'SESSIONS_ENDED',
  'PASSWORD_CHANGED',
  'PASSWORD_RESET',
  'SOCIAL_LINKED',
  'CERTIFIED',
] as const;
export type SecurityEventType = (typeof SECURITY_EVENT_TYPES)[number];

export const SecurityEventSchema = Type.Object({
  type: Type.Enum([...SECURITY_EVENT_TYPES]),
  occurredAt: DateTimeSchema,
  address: Type.String({ description: 'without its last octet, or its last 64 bits; empty where unknown' }),
  device: Type.String({ description: 'as the client named itself' }),
});
export type SecurityEvent = Static<typeof SecurityEventSchema>;

export const SecurityEventPageSchema = PageSchema(SecurityEventSchema);
export type SecurityEventPage = Static<typeof SecurityEventPageSchema>;

const eventValidator = Compile(SecurityEventSchema);

/** What was written into the stream. */
export const storedEvent = (text: string | undefined): SecurityEvent =>
  eventValidator.Parse(JSON.parse(text ?? 'null'));
