import type { ProductSummary } from '@doa-market/common/contracts';

/** Units sold from which a product is a best seller, days it is new, percent from which a price is a deal. */
const BEST_FROM = 1_000;
const NEW_FOR_DAYS = 30;
const DEAL_FROM = 20;

const DAY = 86_400_000;

interface Facts {
  salesCount: number;
  createdAt: Date;
  discountRate: number;
}

export function badgesOf(
  { salesCount, createdAt, discountRate }: Facts,
  now: Date,
): ProductSummary['badges'] {
  const badges: ProductSummary['badges'] = [];
  if (salesCount >= BEST_FROM) badges.push('BEST');
  if (now.getTime() - createdAt.getTime() < NEW_FOR_DAYS * DAY) badges.push('NEW');
  if (discountRate >= DEAL_FROM) badges.push('DEAL');
  return badges;
}
