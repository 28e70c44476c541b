import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { providerError } from '../errors.ts';
import type { FaultBox } from '../fault-box.ts';
import type { ApiFault, ApiOperation } from '../faults.ts';
import type { Store } from '../store.ts';
import type { Answered } from './idempotency.ts';

/** Seconds that a call hangs unless it is told otherwise. */
const HANG = 60;

/** The answer is not to be sent: its connection is gone. */
export class Dropped extends Error {
  override readonly name = 'Dropped';
}

/** Lets calls of the REST API fail as somebody has asked for, or as a card has that timed out. */
export function createInterruptions(store: Store, clock: Clock, faults: FaultBox) {
  return {
    /**
     * Runs `effect` and gives its answer, before or after which something may go wrong.
     * @throws {Dropped} where the connection was cut
     */
    async around(
      operation: ApiOperation,
      paymentId: string,
      signal: AbortSignal,
      effect: () => Answered,
    ): Promise<Answered> {
      const silentUntil = store.payment(paymentId)?.silentUntil ?? 0;
      if (silentUntil > clock.now()) await clock.sleepUntil(silentUntil, signal);
      const fault = faults.api(paymentId, ({ operations }) => operations?.includes(operation) ?? true);
      if (fault?.when === 'before') await suffer(fault, signal);
      const answer = effect();
      if (fault?.when === 'after') await suffer(fault, signal);
      return answer;
    },
  };

  async function suffer({ mode, seconds = HANG }: ApiFault, signal: AbortSignal): Promise<void> {
    if (mode === 'unavailable') throw providerError();
    if (mode === 'drop') throw new Dropped('dropped on purpose');
    await clock.sleepUntil(clock.now() + seconds * 1_000, signal);
  }
}
export type Interruptions = ReturnType<typeof createInterruptions>;

/** Aborted when the client has hung up. */
export function goneSignal({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Cuts the connection without a word. */
export function cut({ raw }: Pick<FastifyRequest, 'raw'>, reply: FastifyReply): void {
  reply.hijack();
  raw.socket.destroy();
}
