import { IMAGE_FORMATS, IMAGE_WIDTHS, type ImageFormat } from '@doa-market/common/contracts';
import sharp, { type Sharp } from 'sharp';
import type { RenderedFile } from './store.ts';

const ENCODERS: Record<ImageFormat, (image: Sharp) => Sharp> = {
  avif: (image) => image.avif({ quality: 62, effort: 2 }),
  webp: (image) => image.webp({ quality: 82, effort: 4 }),
};

export interface Rendering {
  /** Of what was decoded. */
  width: number;
  height: number;
  /** Dominant colour, `#rrggbb`: what is shown until the picture is there. */
  color: string;
  files: RenderedFile[];
}

/**
 * Every width and format of an image that is no wider than it. It is decoded once, to bare pixels in sRGB: nothing of
 * what else was in the file, metadata least of all, gets into a rendering.
 */
export async function render(image: Sharp): Promise<Rendering> {
  const drawn = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = drawn.info;
  const pixels = sharp(drawn.data, { raw: { width, height, channels } });
  const files: RenderedFile[] = [];
  for (const size of IMAGE_WIDTHS.filter((it) => it <= width)) {
    const resized = pixels.clone().resize({ width: size });
    files.push(...(await Promise.all(IMAGE_FORMATS.map((format) => encode(resized, size, format)))));
  }
  return { width, height, color: await dominantColor(pixels), files };
}

async function encode(image: Sharp, size: number, format: ImageFormat): Promise<RenderedFile> {
  return { name: `${size}.${format}`, data: await ENCODERS[format](image.clone()).toBuffer() };
}

async function dominantColor(pixels: Sharp): Promise<string> {
  const { dominant } = await pixels.clone().removeAlpha().stats();
  const channel = (value: number) => value.toString(16).padStart(2, '0');
  return `#${channel(dominant.r)}${channel(dominant.g)}${channel(dominant.b)}`;
}
