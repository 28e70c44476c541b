import type { RatingModel } from '../domains/catalogue/models';
import { formatCount } from './money';

/** A score out of five with the number of reviews behind it. */
export function Rating({ rating }: { rating: RatingModel }) {
  return (
    <p className="flex items-center gap-1 text-[0.8125rem] text-muted tabular-nums">
      <svg aria-hidden="true" viewBox="0 0 16 16" className="size-3.5 fill-rating">
        <path d="M8 1.2l2 4.3 4.7.6-3.4 3.3.8 4.7L8 11.9l-4.1 2.2.8-4.7L1.3 6.1 6 5.5z" />
      </svg>
      <span>
        <span className="sr-only">5점 만점에 </span>
        <span className="font-semibold text-ink">{rating.score.toFixed(1)}</span>
        <span className="sr-only">점, 리뷰 </span>
        <span aria-hidden="true"> (</span>
        {formatCount(rating.reviewCount)}
        <span aria-hidden="true">)</span>
        <span className="sr-only">개</span>
      </span>
    </p>
  );
}
