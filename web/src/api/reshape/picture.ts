import { IMAGE_WIDTHS, type Image } from '@doa-market/common/contracts';
import type { PictureModel } from '../../domains/catalogue/models';

/** `origin` is where images are served from: empty for our own. */
export function toPicture(image: Image, origin = process.env['NEXT_PUBLIC_STATIC_URL'] ?? ''): PictureModel {
  const { url, alt, width, height, color } = image;
  const widths = IMAGE_WIDTHS.filter((candidate) => candidate <= width);
  return { base: origin + url, widths, alt, width, height, color };
}
