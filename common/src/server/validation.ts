import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

const options = { allErrors: false, useDefaults: true, removeAdditional: false } as const;

/** Text off the URL has no types, so it is coerced; a JSON body has, so it is not. */
const ofUrl = addFormats.default(new Ajv({ ...options, coerceTypes: 'array' }));
const ofBody = addFormats.default(new Ajv({ ...options, coerceTypes: false }));

export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? ofBody : ofUrl).compile(schema);
