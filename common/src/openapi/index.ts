import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type ProblemCode, ProblemSchema } from '../contracts/index.ts';

export * from './complete.ts';

/** Error answers of an operation, for its response map: `...problems(401, 404)`. */
export function problems<Status extends number>(...statuses: Status[]): Record<Status, typeof ProblemSchema> {
  return Object.fromEntries(statuses.map((status) => [status, ProblemSchema])) as Record<
    Status,
    typeof ProblemSchema
  >;
}

/** The same where the codes of a status are not the usual ones: `...problemCodes({ 410: ['AUTH_1006'] })`. */
export function problemCodes<Status extends number>(
  codes: Record<Status, ProblemCode[]>,
): Record<Status, typeof ProblemSchema> {
  const withCodes = ([status, own]: [string, ProblemCode[]]): [string, typeof ProblemSchema] => [
    status,
    Object.assign({}, ProblemSchema, { 'x-codes': own }),
  ];
  return Object.fromEntries(Object.entries<ProblemCode[]>(codes).map(withCodes)) as Record<
    Status,
    typeof ProblemSchema
  >;
}

/** The part of an OpenAPI 3.1 document that all servers share. */
export function openApiBase(name: string, description: string) {
  return {
    openapi: '3.1.0' as const,
    info: {
      title: `DOA Market ${name}`,
      description,
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'this server' }],
    components: {
      securitySchemes: {
        bearer: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT' },
        basic: { type: 'http' as const, scheme: 'basic' },
      },
    },
  };
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
`;
const INIT = `SwaggerUIBundle({ url: '/docs/json', dom_id: '#swagger-ui', deepLinking: true });\n`;

const ASSETS: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** A file of the documentation page under /docs, or undefined; everything is served from this server. */
export async function docsAsset(name: string): Promise<{ type: string; body: string | Buffer } | undefined> {
  if (name === '') return { type: 'text/html; charset=utf-8', body: PAGE };
  if (name === 'init.js') return { type: 'text/javascript; charset=utf-8', body: INIT };
  const type = ASSETS[name];
  if (!type) return undefined;
  const folder = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return { type, body: await readFile(join(folder, '..', name)) };
}
