import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Card, GatewayFaults } from './points.ts';

const LedgerSchema = Type.Object({
  entries: Type.Array(
    Type.Object({
      kind: Type.Enum(['CAPTURE', 'CANCELLATION']),
      paymentId: Type.String(),
      amount: Type.Integer(),
      currency: Type.String(),
    }),
  ),
});
/** More than any theatre has. */
const ENTRIES = 10_000;

/** Of one payment, in the smallest unit of its currency. */
export interface Sums {
  captured: number;
  cancelled: number;
  currency: string;
}

/** sandbox-pg: the buyer's side of it, and the operator's. */
export function createSandbox(url: string, secret: string) {
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}/sandbox${path}`, {
      method,
      headers: { authorization: `PortOne ${secret}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`sandbox ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  return {
    pay: (paymentId: string, card: Card) =>
      call('POST', `/payments/${paymentId}/pay`, { card, passes: true }),
    goWrong: (faults: GatewayFaults) => call('PUT', '/faults', faults),
    /** @param seconds by which its clock is put forward */
    wait: (seconds: number) => call('POST', '/clock', { advance: seconds }),
    /** What came and went, by payment. */
    async ledger(): Promise<Map<string, Sums>> {
      const { entries } = Value.Parse(LedgerSchema, await call('GET', `/ledger?limit=${ENTRIES}`));
      if (entries.length === ENTRIES) throw new Error('the ledger is longer than what is read of it');
      const payments = new Map<string, Sums>();
      for (const { kind, paymentId, amount, currency } of entries) {
        const it = payments.get(paymentId) ?? { captured: 0, cancelled: 0, currency };
        if (kind === 'CAPTURE') it.captured += amount;
        else it.cancelled += amount;
        payments.set(paymentId, it);
      }
      return payments;
    },
  };
}
export type Sandbox = ReturnType<typeof createSandbox>;
