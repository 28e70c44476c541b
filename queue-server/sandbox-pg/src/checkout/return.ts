import type { Payment } from '../payment/payment.ts';

/** Where the buyer goes back to, with what PortOne's page says on the way; nobody should believe it. */
export function returnUrlOf({ id, transactionId, redirectUrl, failure }: Payment): string | undefined {
  if (redirectUrl === null) return undefined;
  const url = new URL(redirectUrl);
  const parameters = {
    paymentId: id,
    txId: transactionId,
    transactionType: 'PAYMENT',
    ...(failure && {
      code: failure.code,
      message: failure.message,
      pgCode: failure.pgCode,
      pgMessage: failure.message,
    }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
