import { createHash } from 'node:crypto';
import type { UploadedImage } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Database } from '../database.ts';
import type { ImageModel } from '../generated/prisma/models.ts';
import { createSlots } from '../slots.ts';
import { decodable, unreadable } from './decode.ts';
import { isDeclared } from './formats.ts';
import { toImage } from './image.ts';
import { render } from './render.ts';
import type { ImageStore } from './store.ts';

/** Part of every hash: another way of rendering makes other files, and so other names. */
const PIPELINE = 'upload-1';
/** Each takes a core for a second, and up to 200 MB. */
const RENDERED_AT_ONCE = 2;

/** Pictures that are sent in: named by their content, so that the same one twice is one. */
export function createImageService({ database, images }: { database: Database; images: ImageStore }) {
  const slots = createSlots(RENDERED_AT_ONCE);

  async function renderAndKeep(hash: string, body: Buffer): Promise<ImageModel> {
    const { image, width, height } = await decodable(body);
    const { files, color } = await render(image).catch(unreadable);
    await images.save(hash, files);
    // Last, so that no product names a picture that is not there.
    return database.image.upsert({ where: { hash }, create: { hash, width, height, color }, update: {} });
  }

  return {
    /** @throws {ProblemError} 415 when the body is not what it says, 422, 503 while too many are rendered */
    async upload(body: Buffer, contentType: string): Promise<UploadedImage> {
      if (!isDeclared(body, contentType)) {
        throw new ProblemError(415, 'REQ_4150', 'The body is not a picture of the type that it says.');
      }
      const hash = createHash('sha256').update(PIPELINE).update(body).digest('hex').slice(0, 32);
      const known = await database.image.findUnique({ where: { hash } });
      const isKept = known !== null && (await images.has(hash));
      const row = isKept ? known : await slots.run(() => renderAndKeep(hash, body));
      const { alt: _alt, ...uploaded } = toImage(row, '');
      return uploaded;
    },
  };
}
export type ImageService = ReturnType<typeof createImageService>;
