import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { render } from '../../src/image/render.ts';
import type { ImageStore } from '../../src/image/store.ts';

/** Part of every hash: another way of rendering makes other files, and so other names. */
const PIPELINE = 'svg-1';

/** The name that an SVG's pictures go by. */
export async function hashOf(svgPath: string): Promise<string> {
  return createHash('sha256')
    .update(PIPELINE)
    .update(await readFile(svgPath))
    .digest('hex')
    .slice(0, 32);
}

/** Renders an SVG into the store, and says what there is to know of it. */
export async function renderImage(svgPath: string, store: ImageStore) {
  const hash = await hashOf(svgPath);
  const { files, ...facts } = await render(sharp(svgPath));
  await store.save(hash, files);
  return { hash, ...facts };
}
