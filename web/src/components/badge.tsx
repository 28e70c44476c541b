import type { BadgeKind } from '../domains/catalogue/models';

const LOOK: Record<BadgeKind | 'soldOut', { label: string; className: string }> = {
  best: { label: '베스트', className: 'bg-best-soft text-best' },
  new: { label: '신상품', className: 'bg-accent-soft text-accent' },
  deal: { label: '특가', className: 'bg-deal-soft text-deal' },
  soldOut: { label: '품절', className: 'bg-ink text-page' },
};

export function Badge({ kind }: { kind: BadgeKind | 'soldOut' }) {
  const { label, className } = LOOK[kind];
  return (
    <span className={`${className} rounded-md px-1.5 py-0.5 text-xs leading-5 font-semibold`}>{label}</span>
  );
}
