import { channel } from 'node:diagnostics_channel';

/** The durable steps on the way from the door to the ticket: after each of them something is true for good. */
export const STEPS = [
  'enter',
  'admit',
  'hold',
  'prepare',
  'webhook',
  'confirm',
  'compensate',
  'outbox',
  'relay',
  'consume',
] as const;
export type Step = (typeof STEPS)[number];

/** What is published: that this process is right before a step, or right after it. */
export interface StepMessage {
  step: Step;
  edge: 'before' | 'after';
}

/** Somebody may listen who wants to see what becomes of us if we stop just here; otherwise it costs nothing. */
export const STEP_CHANNEL = 'doa-market:step';

const steps = channel(STEP_CHANNEL);

/** Runs `work`, which makes one durable step. */
export async function durably<T>(step: Step, work: () => Promise<T>): Promise<T> {
  if (steps.hasSubscribers) steps.publish({ step, edge: 'before' } satisfies StepMessage);
  const result = await work();
  if (steps.hasSubscribers) steps.publish({ step, edge: 'after' } satisfies StepMessage);
  return result;
}
