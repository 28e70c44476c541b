import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema } from './atoms.ts';

/** Products that come in as a file: a line is a product, and each is taken or refused by itself. */

/** Of one member at a time. */
export const MAX_RUNNING_IMPORTS = 3;

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const ImportSchema = Type.Object({
  id: IdSchema,
  status: Type.Enum(['RUNNING', 'DONE']),
  total: count('lines that hold a product, or were meant to'),
  processed: count('of them'),
  created: count('of those processed'),
  updated: count('of those processed'),
  unchanged: count('of those processed: what they say is how it was'),
  failed: count('of those processed'),
  createdAt: DateTimeSchema,
  finishedAt: Type.Union([DateTimeSchema, Type.Null()]),
});
export type Import = Static<typeof ImportSchema>;

export const ImportErrorSchema = Type.Object({
  line: Type.Integer({ minimum: 1, description: 'of the file; the first one names the columns' }),
  slug: Type.Union([Type.String(), Type.Null()]),
  message: Type.String({ examples: ['price: must be integer'] }),
});

/** `GET /api/v1/imports/:id`: up to a hundred of the lines that failed; those after the last one with `afterLine`. */
export const ImportReportSchema = Type.Interface([ImportSchema], { errors: Type.Array(ImportErrorSchema) });
export type ImportReport = Static<typeof ImportReportSchema>;
