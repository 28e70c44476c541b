import { IMAGE_WIDTHS } from '@doa-market/common/contracts';
import { invalidFields } from '@doa-market/common/errors';
import sharp, { type Sharp } from 'sharp';

/** Pixels. A file of a few kilobytes can say that it has billions of them. */
const MAX_PIXELS = 50_000_000;
/** Pixels on a side: more than that WebP does not have. */
const MAX_SIDE = 16_383;
const [MIN_WIDTH] = IMAGE_WIDTHS;
const MAX_WIDTH = Math.max(...IMAGE_WIDTHS);

interface Decodable {
  /** Of the picture as it is looked at: turned as its EXIF says. */
  width: number;
  height: number;
  image: Sharp;
}

/**
 * A picture that may be decoded, by what its header says: nothing is decoded before that. Of a moving one the first
 * frame is taken. @throws {ProblemError} 422
 */
export async function decodable(body: Buffer): Promise<Decodable> {
  const image = sharp(body, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1, animated: false });
  const { autoOrient } = await image.metadata().catch(unreadable);
  const { width, height } = autoOrient;
  if (width * height > MAX_PIXELS) throw refused(`must not have over ${MAX_PIXELS / 1e6} million pixels`);
  if (Math.max(width, height) > MAX_SIDE) throw refused(`must not be longer than ${MAX_SIDE} pixels`);
  if (width < MIN_WIDTH) throw refused(`must be ${MIN_WIDTH} pixels wide`);
  return {
    width,
    height,
    image: image.autoOrient().resize({ width: MAX_WIDTH, withoutEnlargement: true }),
  };
}

/** @throws {ProblemError} 422, for what sharp could not read */
export function unreadable(cause: unknown): never {
  throw Object.assign(refused('must be a whole picture'), { cause });
}

const refused = (message: string) => invalidFields([{ field: 'body', message }]);
