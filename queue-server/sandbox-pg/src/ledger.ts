import { type Static, Type } from 'typebox';

/** One movement of money, in the currency's smallest unit; never changed and never taken back. */
export const EntrySchema = Type.Object({
  number: Type.Integer(),
  at: Type.Integer(),
  kind: Type.Enum(['CAPTURE', 'CANCELLATION']),
  paymentId: Type.String(),
  transactionId: Type.String(),
  cancellationId: Type.Union([Type.String(), Type.Null()]),
  amount: Type.Integer({ minimum: 0 }),
  currency: Type.String(),
});
export type Entry = Static<typeof EntrySchema>;

export const TotalsSchema = Type.Record(
  Type.String(),
  Type.Object({ captured: Type.Integer(), cancelled: Type.Integer(), net: Type.Integer() }),
);
export type Totals = Static<typeof TotalsSchema>;

/** By currency, on top of what was `carried` forward. */
export function totalsOf(entries: Iterable<Entry>, carried: Totals = {}): Totals {
  const totals: Totals = { ...carried };
  for (const { kind, amount, currency } of entries) {
    const before = totals[currency] ?? { captured: 0, cancelled: 0, net: 0 };
    const captured = before.captured + (kind === 'CAPTURE' ? amount : 0);
    const cancelled = before.cancelled + (kind === 'CANCELLATION' ? amount : 0);
    totals[currency] = { captured, cancelled, net: captured - cancelled };
  }
  return totals;
}

const COLUMNS = [6, 26, 14, 38, 14, 4];

/** As a table for a terminal. */
export function printed(entries: readonly Entry[], totals: Totals): string {
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => (index === 4 ? cell.padStart(14) : cell.padEnd(COLUMNS[index] ?? 0)))
      .join(' ');
  return [
    line(['#', 'at', 'kind', 'payment', 'amount', '']),
    ...entries.map(({ number, at, kind, paymentId, amount, currency }) =>
      line([
        `${number}`,
        new Date(at).toISOString(),
        kind,
        paymentId,
        `${kind === 'CAPTURE' ? '' : '-'}${amount}`,
        currency,
      ]),
    ),
    ...Object.entries(totals).map(
      ([currency, { captured, cancelled, net }]) =>
        `${currency}: captured ${captured}, cancelled ${cancelled}, net ${net}`,
    ),
    '',
  ].join('\n');
}
