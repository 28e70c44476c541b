import * as contracts from '@doa-market/common/contracts';
import { completeDocument, problemCodes, problems } from '@doa-market/common/openapi';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { exampleOf, type JsonSchema } from '../src/openapi/example.ts';

/** As the document has them: plain JSON. */
const schemas = Object.entries<unknown>({ ...contracts })
  .filter(([name, schema]) => name.endsWith('Schema') && typeof schema === 'object')
  .map(([name, schema]): [string, TSchema & JsonSchema] => [name, JSON.parse(JSON.stringify(schema))]);

describe('an example made of a schema', () => {
  it.each(schemas)('fits %s', (_name, schema) => {
    expect([...Value.Errors(schema, exampleOf(schema))]).toEqual([]);
  });
});

describe('a completed document', () => {
  const operation = () => ({
    requestBody: { content: { 'application/json': { schema: contracts.EmailSchema } } },
    responses: {
      200: { description: 'Default Response', content: { 'application/json': { schema: Type.Boolean() } } },
      422: {
        description: 'Default Response',
        content: { 'application/json': { schema: problems(422)[422] } },
      },
      204: { description: 'Done' },
    },
  });
  const { paths } = completeDocument({ paths: { '/things': { post: operation() } } });
  const { requestBody, responses } = paths['/things'].post;

  it('has an example of what is sent and of what is answered', () => {
    expect(requestBody.content['application/json']).toMatchObject({ example: 'shopper@example.com' });
    expect(responses[200]).toMatchObject({
      description: 'OK',
      content: { 'application/json': { example: true } },
    });
    expect(responses[204]).toEqual({ description: 'Done' });
  });

  it('names the codes of a problem, and shows one', () => {
    expect(responses[422].description).toBe('Unprocessable Entity: REQ_4220');
    expect(responses[422].content).toEqual({
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: expect.objectContaining({ status: 422, code: 'REQ_4220', errors: [expect.anything()] }),
      },
    });
  });

  it('names the codes that an operation has of its own', () => {
    const content = { 'application/json': { schema: problemCodes({ 410: ['AUTH_1006'] })[410] } };
    const responses = { 410: { description: 'Default Response', content } };
    completeDocument({ paths: { '/things': { get: { responses } } } });
    expect(responses[410].description).toBe('Gone: AUTH_1006');
  });

  it('says who needs no credential, and names no credential that nobody needs', () => {
    const document = completeDocument({
      paths: { '/open': { get: {} }, '/closed': { get: { security: [{ bearer: [] }] } } },
      components: { securitySchemes: { bearer: {}, basic: {} } },
    });
    expect(document.paths).toEqual({
      '/open': { get: { security: [] } },
      '/closed': { get: { security: [{ bearer: [] }] } },
    });
    expect(document.components.securitySchemes).toEqual({ bearer: {} });
  });

  it('keeps the examples that are there', () => {
    const content = { 'application/json': { schema: Type.String(), example: 'mine' } };
    completeDocument({ paths: { '/things': { get: { responses: { 200: { content } } } } } });
    expect(content['application/json'].example).toBe('mine');
  });
});
