import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { IdSchema, ImportReportSchema, ImportSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, IdempotencyKeySchema, namedWrite } from '@doa-market/common/server';
import { Type } from 'typebox';
import type { Database } from '../database.ts';
import { editorOf } from '../editor.ts';
import { namedProblems } from '../idempotency/problems.ts';
import { POLICY } from '../policy.ts';
import { createSlots } from '../slots.ts';
import { exportProducts } from './export.ts';
import type { Imports } from './imports.ts';

const tags = ['selling'];
const security = [{ bearer: [] }];
/** Bytes. */
const MAX_BODY = 10 * 1_048_576;
/** Files that are in memory. */
const RECEIVED_AT_ONCE = 4;
/** Exports that are read at once: each has a connection to the database most of the time. */
const EXPORTED_AT_ONCE = 4;

/** A file as a body: where a request is named, its digest stands for it. */
interface CsvBody {
  file: Buffer;
  toJSON: () => string;
}

export async function csvRoutes(app: App, { database, imports }: { database: Database; imports: Imports }) {
  const uploads = createSlots(RECEIVED_AT_ONCE);
  const exports = createSlots(EXPORTED_AT_ONCE);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: MAX_BODY },
    (_request, file, done) => {
      const digest = createHash('sha256').update(file).digest('hex');
      done(null, { file, toJSON: () => digest } satisfies CsvBody);
    },
  );

  app.get(
    '/products.csv',
    {
      config: { access: POLICY.exportProducts },
      schema: {
        operationId: 'exportProducts',
        summary: "The caller's own products as CSV; to an administrator all",
        description:
          'A line is a product. UTF-8 with the mark of Excel; what a spreadsheet would take for a formula begins with an ' +
          'apostrophe. Imported as it is, it changes nothing.',
        tags,
        security,
        produces: ['text/csv'],
        response: { 200: Type.Unsafe<Readable>({ type: 'string' }), ...problems(401, 403, 503) },
      },
    },
    async (request, reply) => {
      reply.raw.once('close', exports.take());
      return reply
        .header('Content-Disposition', 'attachment; filename="products.csv"')
        .type('text/csv; charset=utf-8')
        .send(exportProducts(database, editorOf(request)));
    },
  );

  app.post(
    '/imports',
    {
      config: { access: POLICY.createImport },
      bodyLimit: MAX_BODY,
      preParsing: async (_request, reply) => {
        reply.raw.once('close', uploads.take());
      },
      // A file has no schema to be checked against.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'createImport',
        summary:
          'Takes a CSV of products of up to 10 MB; each line makes a product or changes the one of its slug',
        description:
          'The columns are those of an export, in any order; all but `slug` may be left out, and an empty cell says ' +
          'nothing. UTF-8, or EUC-KR as Korean spreadsheets save it.',
        tags,
        security,
        headers: IdempotencyKeySchema,
        consumes: ['text/csv'],
        body: Type.Unsafe<CsvBody>({ type: 'string' }),
        response: { 202: ImportSchema, ...namedProblems, ...problems(401, 403, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const started = await imports.begin(editorOf(request), request.body.file, namedWrite(request));
      return reply.status(202).header('Location', `/api/v1/imports/${started.id}`).send(started);
    },
  );

  app.get(
    '/imports/:id',
    {
      config: { access: POLICY.getImport },
      schema: {
        operationId: 'getImport',
        summary: 'How far an import is, and which of its lines failed',
        tags,
        security,
        params: Type.Object({ id: IdSchema }),
        querystring: Type.Object(
          { afterLine: Type.Integer({ minimum: 0, maximum: 100_000_000, default: 0 }) },
          { additionalProperties: false },
        ),
        response: { 200: ImportReportSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => imports.report(editorOf(request), request.params.id, request.query.afterLine),
  );
}
