import type { Image } from '@doa-market/common/contracts';
import type { ImageModel } from '../generated/prisma/models.ts';

export const toImage = ({ hash, width, height, color }: ImageModel, alt: string): Image => ({
  url: `/api/v1/images/${hash}`,
  alt,
  width,
  height,
  color,
});
