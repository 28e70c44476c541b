import { UploadedImageSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import { createSlots } from '../slots.ts';
import { UPLOAD_FORMATS } from './formats.ts';
import type { ImageService } from './service.ts';

/** Bytes. */
const MAX_BODY = 10 * 1_048_576;
/** Bodies that arrive at once: they are in memory until they are rendered. */
const RECEIVED_AT_ONCE = 16;

export async function imageUploadRoutes(app: App, { images }: { images: ImageService }) {
  const slots = createSlots(RECEIVED_AT_ONCE);
  // Here nothing but pictures is taken, so that JSON is 415 as everything else.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    UPLOAD_FORMATS,
    { parseAs: 'buffer', bodyLimit: MAX_BODY },
    (_request, body, done) => done(null, body),
  );

  app.post(
    '/images',
    {
      config: { access: POLICY.uploadImage },
      bodyLimit: MAX_BODY,
      // A body of bytes has no schema to be checked against.
      validatorCompiler: () => () => true,
      preParsing: async (_request, reply) => {
        reply.raw.once('close', slots.take());
      },
      schema: {
        operationId: 'uploadImage',
        summary: 'Keeps a picture of up to 10 MB, rendered anew in every width and format of the shop',
        description:
          'The body is the file itself. Turned as its EXIF says and freed of all metadata; at most 50 million pixels and ' +
          '160 wide at least; of a moving picture the first frame. The same file again is the same picture.',
        tags: ['images'],
        security: [{ bearer: [] }],
        consumes: UPLOAD_FORMATS,
        body: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
        response: { 201: UploadedImageSchema, ...problems(400, 401, 403, 413, 415, 422, 503) },
      },
    },
    async (request, reply) => {
      const image = await images.upload(request.body, request.headers['content-type'] ?? '');
      return reply.status(201).header('Location', `${image.url}/160.webp`).send(image);
    },
  );
}
