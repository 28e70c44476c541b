import { STATUS_CODES } from 'node:http';
import { type ProblemCode, ProblemSchema } from '../contracts/index.ts';
import { exampleOf, type JsonSchema } from './example.ts';

/** The part of an OpenAPI document that is completed here. */
interface Media {
  schema?: JsonSchema;
  example?: unknown;
}
interface Answer {
  description?: string;
  content?: Record<string, Media>;
}
interface Operation {
  security?: Record<string, string[]>[];
  requestBody?: { content?: Record<string, Media> };
  responses?: Record<string, Answer>;
}
interface OpenApiDocument {
  paths?: object | undefined;
  components?: { schemas?: object | undefined; securitySchemes?: object | undefined } | undefined;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** The codes that an operation can answer with a status, when it says nothing more exact. */
const CODES: Record<string, ProblemCode[]> = {
  400: ['REQ_4000'],
  401: ['AUTH_1001', 'AUTH_1002', 'AUTH_1005'],
  403: ['AUTH_1003'],
  404: ['REQ_4040'],
  405: ['REQ_4050'],
  409: ['REQ_4090'],
  410: ['REQ_4100'],
  412: ['REQ_4120'],
  413: ['REQ_4130'],
  415: ['REQ_4150'],
  422: ['REQ_4220'],
  428: ['REQ_4280'],
  429: ['REQ_4290'],
  500: ['SYS_5000'],
  502: ['SYS_5002'],
  503: ['SYS_5003'],
  504: ['SYS_5004'],
};

const { $id: PROBLEM, ...PROBLEM_SCHEMA } = { $id: 'Problem', ...ProblemSchema };

/**
 * Gives every body and answer of a document an example made of its schema, every problem its codes, and every
 * operation its credentials: none where it needs none. Changes the document, and returns it.
 */
export function completeDocument<T extends OpenApiDocument>(document: T): T {
  const operations = operationsOf(document);
  for (const operation of operations) completeOperation(operation);
  const { components } = document;
  if (components) {
    const used = new Set(
      operations.flatMap(({ security = [] }) => security.flatMap((it) => Object.keys(it))),
    );
    components.securitySchemes = pick(components.securitySchemes, (name) => used.has(name));
    components.schemas = { ...components.schemas, [PROBLEM]: PROBLEM_SCHEMA };
  }
  return document;
}

function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.values<Record<string, Operation | undefined>>({ ...paths }).flatMap((item) =>
    METHODS.flatMap((method) => item[method] ?? []),
  );
}

const pick = (entries: object | undefined, keep: (name: string) => boolean): object =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([name]) => keep(name)));

function completeOperation(operation: Operation): void {
  operation.security ??= [];
  addExamples(operation.requestBody?.content);
  for (const [status, answer] of Object.entries(operation.responses ?? {})) {
    if (!answer.description || answer.description === 'Default Response') {
      answer.description = STATUS_CODES[status] ?? 'Answer';
    }
    if (isProblem(answer)) describeProblem(status, answer);
    else addExamples(answer.content);
  }
}

function addExamples(content: Record<string, Media> = {}): void {
  for (const media of Object.values(content)) {
    if (media.schema && media.example === undefined) media.example = exampleOf(media.schema);
  }
}

const schemaOf = ({ content = {} }: Answer) => Object.values(content)[0]?.schema;

const isProblem = (answer: Answer) => schemaOf(answer)?.properties?.['instance'] !== undefined;

function describeProblem(status: string, answer: Answer): void {
  const schema = schemaOf(answer);
  const codes = schema?.['x-codes'] ?? CODES[status] ?? [];
  if (codes.length === 0) return;
  const title = STATUS_CODES[status] ?? 'Error';
  const [code] = codes;
  answer.description = `${title}: ${codes.join(', ')}`;
  answer.content = {
    'application/problem+json': {
      schema: { $ref: `#/components/schemas/${PROBLEM}` },
      example: {
        type: `https://doa.market/problems/${code}`,
        title,
        status: Number(status),
        detail: 'What happened, in a sentence.',
        instance: '/the/path',
        code,
        requestId: '0199f3a0-0000-7000-8000-000000000000',
        ...(status === '422' && { errors: [{ field: 'name', message: 'must not be empty' }] }),
      },
    },
  };
}
