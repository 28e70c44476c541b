import type { FastifySchemaCompiler } from 'fastify';
import { bodyValidation, urlValidation } from '../validation/index.ts';

export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? bodyValidation : urlValidation).compile(schema);
