import type { OwnReview, RatingSummary, Review, ReviewHighlight } from '@doa-market/common/contracts';
import type { ReviewModel } from '../generated/prisma/models.ts';
import { toImage } from '../image/image.ts';

export const toReview = ({ id, rating, title, body, author, createdAt, updatedAt }: ReviewModel): Review => ({
  ...{ id, rating, title, body, author },
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export const toOwnReview = (row: ReviewModel): OwnReview => ({
  ...toReview(row),
  productId: row.productId,
  status: row.status,
});

/** How many gave one star, two, and so on. */
export type Stars = readonly [number, number, number, number, number];

export function toSummary(stars: Stars): RatingSummary {
  const count = stars.reduce((sum, it) => sum + it, 0);
  const points = stars.reduce((sum, it, index) => sum + it * (index + 1), 0);
  return { average: count === 0 ? null : Math.round((points * 10) / count) / 10, count, stars: [...stars] };
}

export interface HighlightRow extends ReviewModel {
  slug: string;
  name: string;
  hash: string;
  width: number;
  height: number;
  color: string;
  alt: string;
}

export const toHighlight = (row: HighlightRow): ReviewHighlight => ({
  ...toReview(row),
  product: { slug: row.slug, name: row.name, image: toImage(row, row.alt) },
});
