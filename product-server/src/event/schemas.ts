import { PageQuerySchema, SlugSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';

export const EventQuerySchema = Type.Object(
  {
    ...PageQuerySchema.properties,
    past: Type.Boolean({ default: false, description: 'those that were, instead of those to come' }),
  },
  { additionalProperties: false },
);

/** A slug's alphabet and length cover a UUID's. */
export const EventParamsSchema = Type.Object({ idOrSlug: SlugSchema });
