import type { PictureModel } from '../domains/catalogue/models';

type Files = Pick<PictureModel, 'base' | 'widths'>;

const FALLBACK_WIDTH = 640;

/** The files of one format as a `srcset`, none wider than `largest`: where a picture is small, wide files are noise. */
export function srcset(
  { base, widths }: Files,
  format: 'avif' | 'webp',
  largest = Number.POSITIVE_INFINITY,
): string {
  return widths
    .filter((width) => width <= largest)
    .map((width) => `${base}/${width}.${format} ${width}w`)
    .join(', ');
}

/** One middle-sized file, for whoever knows no `srcset`. */
export function fallbackFile({ base, widths }: Files, largest = FALLBACK_WIDTH): string {
  const width = widths.findLast((candidate) => candidate <= Math.min(largest, FALLBACK_WIDTH)) ?? widths[0];
  return `${base}/${width}.webp`;
}
