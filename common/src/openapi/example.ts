/** The part of JSON Schema that our schemas are made of. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  format?: string;
  minimum?: number;
  minItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  /** The codes of a problem, where they are not those that its status usually has. */
  'x-codes'?: string[];
}

const BY_FORMAT: Record<string, string> = {
  'date-time': '2026-11-21T03:00:00.000Z',
  date: '2026-11-21',
  email: 'shopper@example.com',
  uri: 'https://example.com/',
};

/**
 * A value that fits a schema: what the schema itself gives as an example, else the plainest there is. A schema whose
 * pattern nobody can guess has to bring its example.
 */
export function exampleOf(schema: JsonSchema): unknown {
  const given = [schema.examples?.[0], schema.const, schema.default, schema.enum?.[0]];
  const chosen = given.find((value) => value !== undefined);
  if (chosen !== undefined) return chosen;
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part)));
  const [first] = schema.anyOf ?? [];
  return first ? exampleOf(first) : exampleOfType(schema);
}

function exampleOfType(schema: JsonSchema): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return exampleObject(schema);
  if (type === 'array') return exampleArray(schema);
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return true;
  if (type === 'string') return BY_FORMAT[schema.format ?? ''] ?? 'text';
  return null;
}

function exampleArray({ items, minItems = 1 }: JsonSchema): unknown[] {
  return items ? Array.from({ length: Math.max(minItems, 1) }, () => exampleOf(items)) : [];
}

function exampleObject({ properties = {}, additionalProperties }: JsonSchema): object {
  const entries = Object.entries(properties).map(([name, property]) => [name, exampleOf(property)]);
  if (entries.length === 0 && typeof additionalProperties === 'object') {
    return { name: exampleOf(additionalProperties) };
  }
  return Object.fromEntries(entries);
}
