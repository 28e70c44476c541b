import { type Static, Type } from 'typebox';
import { FaultsSchema } from '../faults.ts';

const Time = Type.Integer({ description: 'milliseconds since the epoch, by the sandbox clock' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/**
 * REGISTERED until the buyer has the page; CHALLENGED waits for the second page of 3-D Secure; PROCESSING is with the
 * card company. The last two and READY are READY outside.
 */
export const PaymentStatusSchema = Type.Enum([
  'REGISTERED',
  'READY',
  'CHALLENGED',
  'PROCESSING',
  'PAID',
  'FAILED',
  'PARTIAL_CANCELLED',
  'CANCELLED',
]);
export type PaymentStatus = Static<typeof PaymentStatusSchema>;

const CancellationSchema = Type.Object({
  id: Type.String(),
  status: Type.Enum(['REQUESTED', 'SUCCEEDED', 'FAILED']),
  amount: Type.Integer(),
  reason: Type.String(),
  requestedAt: Time,
  /** When the money has gone, or will have while it is REQUESTED. */
  doneAt: Time,
  silent: Type.Boolean({ description: 'without a webhook' }),
});
export type Cancellation = Static<typeof CancellationSchema>;

export const FailureSchema = Type.Object({
  /** As PortOne's browser SDK names it. */
  code: Type.String(),
  /** As the card company names it. */
  pgCode: Type.String(),
  message: Type.String(),
});
export type Failure = Static<typeof FailureSchema>;

export const PaymentSchema = Type.Object({
  id: Type.String(),
  transactionId: Type.String(),
  status: PaymentStatusSchema,
  /** What it is for; what was captured may differ on purpose. */
  amount: Type.Integer(),
  currency: Type.String(),
  orderName: Type.String(),
  redirectUrl: Nullable(Type.String()),
  expiresAt: Nullable(Time),
  registeredAt: Time,
  requestedAt: Nullable(Time),
  changedAt: Time,
  /** All but the last four digits masked. */
  card: Nullable(Type.String()),
  captured: Nullable(
    Type.Object({ amount: Type.Integer(), currency: Type.String(), pgTxId: Type.String(), at: Time }),
  ),
  failure: Nullable(FailureSchema),
  cancellations: Type.Array(CancellationSchema),
  /** Until when nobody hears of it: calls about it hang. */
  silentUntil: Nullable(Time),
  faults: FaultsSchema,
});
export type Payment = Static<typeof PaymentSchema>;

/** What may follow on what; a payment that failed may be tried again, as another transaction. */
const NEXT: Record<PaymentStatus, readonly PaymentStatus[]> = {
  REGISTERED: ['READY'],
  READY: ['PROCESSING', 'FAILED'],
  CHALLENGED: ['PROCESSING', 'FAILED'],
  PROCESSING: ['CHALLENGED', 'PAID', 'FAILED'],
  FAILED: ['READY'],
  PAID: ['PARTIAL_CANCELLED', 'CANCELLED'],
  PARTIAL_CANCELLED: ['PARTIAL_CANCELLED', 'CANCELLED'],
  CANCELLED: [],
};

export const mayBecome = (from: PaymentStatus, to: PaymentStatus): boolean => NEXT[from].includes(to);

/** What has gone back. */
export const cancelledOf = ({ cancellations }: Pick<Payment, 'cancellations'>): number =>
  sumOf(cancellations.filter(({ status }) => status === 'SUCCEEDED'));

/** What can still be given back. */
export const cancellableOf = ({ captured, cancellations }: Payment): number =>
  (captured?.amount ?? 0) - sumOf(cancellations.filter(({ status }) => status !== 'FAILED'));

const sumOf = (cancellations: readonly Cancellation[]): number =>
  cancellations.reduce((sum, { amount }) => sum + amount, 0);

/** Whether nothing will happen to it any more by itself. */
export const hasEnded = ({ status }: Payment): boolean =>
  status === 'PAID' || status === 'FAILED' || status === 'PARTIAL_CANCELLED' || status === 'CANCELLED';
