import type { BadgeKind } from '../domains/catalogue/models';

const LOOK: Record<BadgeKind | 'soldOut', { label: string; className: string }> = {
  best: { label: '베스트', className: 'bg-ink text-page' },
  new: { label: '신상품', className: 'bg-surface text-ink' },
  deal: { label: '특가', className: 'bg-deal text-on-deal' },
  soldOut: { label: '품절', className: 'bg-ink text-page' },
};

export function Badge({ kind }: { kind: BadgeKind | 'soldOut' }) {
  const { label, className } = LOOK[kind];
  return (
    <span className={`${className} rounded-full px-2 py-0.5 text-xs leading-5 font-semibold`}>{label}</span>
  );
}
