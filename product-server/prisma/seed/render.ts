import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_FORMATS, IMAGE_WIDTHS, type ImageFormat } from '@doa-market/common/contracts';
import sharp, { type Sharp } from 'sharp';

/** Part of every hash: another way of rendering makes other files, and so other names. */
const PIPELINE = 'svg-1';

const ENCODERS: Record<ImageFormat, (image: Sharp) => Sharp> = {
  avif: (image) => image.avif({ quality: 62, effort: 3 }),
  webp: (image) => image.webp({ quality: 82, effort: 4 }),
};

export interface RenderedImage {
  hash: string;
  width: number;
  height: number;
  /** Dominant colour, `#rrggbb`: what is shown until the picture is there. */
  color: string;
}

/** Renders an SVG into `{folder}/{hash}/{width}.{format}`; what is already there is not made again. */
export async function renderImage(svgPath: string, folder: string): Promise<RenderedImage> {
  const svg = await readFile(svgPath);
  const hash = createHash('sha256').update(PIPELINE).update(svg).digest('hex').slice(0, 32);
  const { width = 0, height = 0 } = await sharp(svg).metadata();
  const target = join(folder, hash);
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (!exists) await renderAll(svg, width, target);
  return { hash, width, height, color: await dominantColor(svg) };
}

async function renderAll(svg: Buffer, width: number, target: string): Promise<void> {
  // Made aside and renamed, so that an interrupted run leaves no half picture under a final name.
  const aside = `${target}.partial`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  const pixels = await sharp(svg).png({ compressionLevel: 1 }).toBuffer();
  for (const size of IMAGE_WIDTHS.filter((it) => it <= width)) {
    const resized = sharp(pixels).resize({ width: size });
    await Promise.all(
      IMAGE_FORMATS.map((format) =>
        ENCODERS[format](resized.clone()).toFile(join(aside, `${size}.${format}`)),
      ),
    );
  }
  await rename(aside, target);
}

async function dominantColor(svg: Buffer): Promise<string> {
  const small = await sharp(svg).resize({ width: 64 }).flatten({ background: '#ffffff' }).png().toBuffer();
  const { dominant } = await sharp(small).stats();
  const channel = (value: number) => value.toString(16).padStart(2, '0');
  return `#${channel(dominant.r)}${channel(dominant.g)}${channel(dominant.b)}`;
}
