import type { Readable } from 'node:stream';
import { IMAGE_FORMATS, IMAGE_WIDTHS } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { IMMUTABLE } from '../caching.ts';
import type { ImageStore } from './store.ts';

const ImageParams = Type.Object({
  hash: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  file: Type.String({ pattern: `^(${IMAGE_WIDTHS.join('|')})\\.(${IMAGE_FORMATS.join('|')})$` }),
});

export async function imageRoutes(app: App, { images }: { images: ImageStore }) {
  app.get(
    '/images/:hash/:file',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getImage',
        summary: 'A picture in one width and format; named by its content, so it never changes',
        tags: ['images'],
        params: ImageParams,
        produces: ['image/avif', 'image/webp'],
        response: { 200: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }), ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const { hash, file } = request.params;
      const found = await images.find(hash, file);
      if (!found) throw notFound('The image');
      return reply
        .headers({ 'Cache-Control': IMMUTABLE, ETag: `"${hash}-${file}"`, 'Content-Length': found.size })
        .type(file.endsWith('.avif') ? 'image/avif' : 'image/webp')
        .send(found.stream());
    },
  );
}
