import { holds, type Ledger } from './check.ts';

const won = (amount: number) => `${amount.toLocaleString('en')} KRW`.padStart(24);

/** The books for an operator's terminal. */
export function print(ledger: Ledger): string {
  const { captured, confirmed, refunded, inFlight, broken, brokenOrders, soldTwice } = ledger;
  return [
    `captured   ${won(captured)}`,
    `confirmed  ${won(confirmed)}`,
    `refunded   ${won(refunded)}`,
    `in flight  ${won(inFlight)}`,
    `difference ${won(captured - confirmed - refunded - inFlight)}`,
    '',
    ...broken.map(
      (it) => `payment ${it.paymentId} of order ${it.orderId}: ${it.why}, captured ${it.captured} KRW`,
    ),
    ...brokenOrders.map((it) => `order ${it.orderId}: ${it.why}`),
    ...soldTwice.map((it) => `seat ${it}: sold twice`),
    holds(ledger) ? 'The books add up.' : 'THE BOOKS DO NOT ADD UP.',
    '',
  ].join('\n');
}
