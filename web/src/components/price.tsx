import type { PriceModel } from '../domains/catalogue/models';
import { formatWon } from './money';

interface PriceProps {
  price: PriceModel;
  size?: 'card' | 'feature' | 'page';
}

const AMOUNT = {
  card: 'text-[1.0625rem]',
  feature: 'text-xl',
  page: 'text-[1.75rem] leading-tight',
} as const;

const LIST = { card: 'text-[0.8125rem]', feature: 'text-[0.9375rem]', page: 'text-base' } as const;

/** What it costs, and what it would have cost. */
export function Price({ price, size = 'card' }: PriceProps) {
  const { amount, discount } = price;
  return (
    <p className="flex flex-wrap items-baseline gap-x-1.5 tabular-nums">
      {discount && (
        <span className={`${AMOUNT[size]} font-bold text-deal`}>
          <span className="sr-only">할인율 </span>
          {discount.rate}%
        </span>
      )}
      <strong className={`${AMOUNT[size]} font-bold tracking-tight`}>
        <span className="sr-only">판매가 </span>
        {formatWon(amount)}
      </strong>
      {discount && (
        <s className={`${LIST[size]} text-muted`}>
          <span className="sr-only">정가 </span>
          {formatWon(discount.listPrice)}
        </s>
      )}
    </p>
  );
}
