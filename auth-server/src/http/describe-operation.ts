import type { TObject, TSchema } from 'typebox';
import type { Operation } from './router.ts';

/** An operation as OpenAPI 3.1 wants it. */
export function describeOperation<Caller>(
  operation: Operation<Caller, TObject, TObject, TSchema, TSchema>,
): object {
  const { operationId, summary, description, tags, security, body, success, problems, example } = operation;
  const parameters = [...parametersOf('path', operation.params), ...parametersOf('query', operation.query)];
  const refused = Object.entries(problems ?? {}).map(([status, schema]) => [
    status,
    { description: 'Problem', content: { 'application/problem+json': { schema } } },
  ]);
  return {
    operationId,
    summary,
    ...(description && { description }),
    tags,
    ...(security && { security }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: operation.bodyRequired ?? true, content: json(body, example?.body) },
    }),
    responses: {
      [success.status]: success.schema
        ? { description: 'Success', content: json(success.schema, example?.answer) }
        : { description: 'Done' },
      ...Object.fromEntries(refused),
    },
  };
}

const json = (schema: TSchema, example: unknown) => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

function parametersOf(place: 'path' | 'query', schema: TObject | undefined): object[] {
  if (!schema) return [];
  return Object.entries<TSchema>(schema.properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (schema.required?.includes(name) && !('default' in property)),
    schema: property,
  }));
}
