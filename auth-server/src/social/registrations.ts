import { EmailSchema, ExternalIdentitySchema } from '@doa-market/common/contracts';
import type { Redis } from '@doa-market/common/redis';
import { type Static, Type } from 'typebox';
import { createRecords } from './records.ts';

/** How long somebody may take to read what they agree to, in milliseconds. */
const LIFETIME = 1_800_000;

const RegistrationRecordSchema = Type.Object({
  identity: ExternalIdentitySchema,
  email: EmailSchema,
  /** Whether it is known to be theirs: by the provider's word, or by the code that was sent to it. */
  emailProved: Type.Boolean(),
  name: Type.Optional(Type.String()),
  client: Type.String(),
  redirect: Type.String(),
});
export type RegistrationRecord = Static<typeof RegistrationRecordSchema>;

/** Newcomers whom a provider vouches for, and who have not agreed to anything yet. */
export const createRegistrations = (redis: Redis) =>
  createRecords({ redis, purpose: 'registration', schema: RegistrationRecordSchema, lifetime: LIFETIME });
export type Registrations = ReturnType<typeof createRegistrations>;
