import type { Row, Rule, World } from '../world.ts';

/** What came and went by our books, where it is not what came and went by the gateway's. */
export function moneyDiffers({ payments, gateway }: Pick<World, 'payments' | 'gateway'>): Row[] {
  const known = new Set(payments.map(({ id }) => id));
  const different = payments.filter(({ id, captured, refunded }) => {
    const theirs = gateway.get(id) ?? { captured: 0, cancelled: 0 };
    return theirs.captured !== captured || theirs.cancelled !== refunded;
  });
  return [
    ...different.map((row) => ({ ...row, gateway: gateway.get(row.id) ?? null })),
    ...[...gateway.keys()].filter((id) => !known.has(id)).map((id) => ({ id, why: 'is unknown here' })),
  ];
}

/** What must not be of money, against the gateway's ledger. */
export const MONEY: Record<string, Rule> = {
  'the gateway has another amount': moneyDiffers,

  'money of another currency was kept': ({ payments, gateway }) =>
    payments.flatMap(({ id, currency }) => {
      const theirs = gateway.get(id);
      const isKept = theirs !== undefined && theirs.captured > theirs.cancelled;
      return isKept && theirs.currency !== currency ? [{ id, ...theirs }] : [];
    }),
};
