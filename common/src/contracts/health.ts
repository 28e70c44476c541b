import { type Static, Type } from 'typebox';

export const HealthSchema = Type.Object({ status: Type.Literal('ok') });

/** A dependency that is not `required` has a fallback: without it the server is degraded, not away. */
export const ReadinessCheckSchema = Type.Object({
  status: Type.Enum(['up', 'down']),
  required: Type.Boolean(),
  error: Type.Optional(Type.String()),
});

export const ReadinessSchema = Type.Object({
  status: Type.Enum(['ready', 'degraded', 'unavailable', 'draining']),
  checks: Type.Record(Type.String(), ReadinessCheckSchema),
});
export type Readiness = Static<typeof ReadinessSchema>;
