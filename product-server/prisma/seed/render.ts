import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_FORMATS, IMAGE_WIDTHS, type ImageFormat } from '@doa-market/common/contracts';
import sharp, { type Sharp } from 'sharp';

/** Part of every hash: another way of rendering makes other files, and so other names. */
const PIPELINE = 'svg-1';

const ENCODERS: Record<ImageFormat, (image: Sharp) => Sharp> = {
  avif: (image) => image.avif({ quality: 62, effort: 2 }),
  webp: (image) => image.webp({ quality: 82, effort: 4 }),
};

export interface RenderedImage {
  hash: string;
  width: number;
  height: number;
  /** Dominant colour, `#rrggbb`: what is shown until the picture is there. */
  color: string;
}

/** The name that an SVG's pictures go by. */
export async function hashOf(svgPath: string): Promise<string> {
  return createHash('sha256')
    .update(PIPELINE)
    .update(await readFile(svgPath))
    .digest('hex')
    .slice(0, 32);
}

/** Renders an SVG into `{folder}/{hash}/{width}.{format}`, replacing what an earlier run may have left. */
export async function renderImage(svgPath: string, folder: string): Promise<RenderedImage> {
  const hash = await hashOf(svgPath);
  // Drawn once at full size: the blurs of a drawing cost more than all the encoding.
  const drawn = await sharp(svgPath).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = drawn.info;
  const pixels = sharp(drawn.data, { raw: { width, height, channels } });
  // Made aside and renamed, so that an interrupted run leaves no half picture under a final name.
  const target = join(folder, hash);
  const aside = `${target}.partial`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  for (const size of IMAGE_WIDTHS.filter((it) => it <= width)) {
    const resized = pixels.clone().resize({ width: size });
    await Promise.all(
      IMAGE_FORMATS.map((format) =>
        ENCODERS[format](resized.clone()).toFile(join(aside, `${size}.${format}`)),
      ),
    );
  }
  await rm(target, { recursive: true, force: true });
  await rename(aside, target);
  return { hash, width, height, color: await dominantColor(pixels) };
}

async function dominantColor(pixels: Sharp): Promise<string> {
  const { dominant } = await pixels.clone().removeAlpha().stats();
  const channel = (value: number) => value.toString(16).padStart(2, '0');
  return `#${channel(dominant.r)}${channel(dominant.g)}${channel(dominant.b)}`;
}
