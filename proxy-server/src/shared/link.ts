import type { Redis } from '@doa-market/common/redis';
import { createCircuit } from './circuit.ts';
import { within } from './deadline.ts';

/** Why nothing was even asked. */
export const NOT_ASKED = new Error('redis is away');

interface LinkOptions {
  /** Milliseconds that an answer may take: a Redis that is slower than that is of no use. */
  patience: number;
  onOpen: () => void;
}

/** Asks Redis with a deadline, and not at all while it is known to be silent. */
export function createLink(redis: Redis, { patience: usual, onOpen }: LinkOptions) {
  const circuit = createCircuit(onOpen);

  async function askAnyway<T>(command: () => Promise<T>, patience: number): Promise<T> {
    if (redis.status !== 'ready') throw NOT_ASKED;
    const enteredAt = performance.now();
    try {
      const reply = await within(command(), patience);
      if (performance.now() - enteredAt <= usual) circuit.answered();
      return reply;
    } catch (error) {
      // A refusal (out of memory, wrong type) is an answer.
      if (error instanceof Error && error.name === 'ReplyError') circuit.answered();
      else circuit.failed(enteredAt);
      throw error;
    }
  }

  return {
    isOpen: () => circuit.isOpen() || redis.status !== 'ready',
    askAnyway,
    /** @throws what ioredis throws, NOT_ASKED at once, or after `patience` milliseconds */
    async ask<T>(command: () => Promise<T>, patience = usual): Promise<T> {
      if (circuit.isOpen()) throw NOT_ASKED;
      return askAnyway(command, patience);
    },
  };
}
export type Link = ReturnType<typeof createLink>;
