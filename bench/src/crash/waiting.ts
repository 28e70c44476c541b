import { setTimeout as delay } from 'node:timers/promises';
import { QueuePlaceSchema } from '@doa-market/common/contracts';
import { type Client, parsed } from './client.ts';

/** What a member was told of its place, to be compared: there is one, and it is nobody else's. */
export interface Place {
  receipts: Set<number>;
  numbers: Set<number>;
  tokens: Set<string>;
}

/** Milliseconds that a member waits at most before it loses patience. */
const PATIENCE = 90_000;

/**
 * Enters the waiting room and polls as it is told.
 * @returns the token that may reserve; undefined where there is nothing left to wait for
 * @throws where it lost its place, or its turn never came
 */
export async function waitForTurn(
  client: Client,
  eventId: string,
  place: Place,
): Promise<string | undefined> {
  const path = `/api/queue/${eventId}`;
  let call: Parameters<Client['insist']>[0] = { method: 'POST', path: `${path}/enter` };
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    const answer = await client.insist(call);
    if (answer.code === 'QUE_4100' && place.receipts.size === 0) return undefined;
    const { state, receipt, number, admission, nextPollIn } = parsed(QueuePlaceSchema, answer);
    place.receipts.add(receipt);
    if (number !== null) place.numbers.add(number);
    if (state === 'SOLD_OUT' && !admission) return undefined;
    if (admission) {
      place.tokens.add(admission.token);
      return admission.token;
    }
    await delay(nextPollIn);
    call = { method: 'GET', path: `${path}/status` };
  }
  throw new Error('waited in vain');
}
