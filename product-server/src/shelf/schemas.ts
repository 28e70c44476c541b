import { Type } from 'typebox';

/** Products on each shelf. */
export const ShelfQuerySchema = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 24, default: 8 }) },
  { additionalProperties: false },
);
