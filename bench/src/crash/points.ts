import type { Chance } from '@doa-market/common/testing';

/** Where and how a process ends: a durable step of queue-server (its `steps.ts`), before or after it. */
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
export const EDGES = ['before', 'after'] as const;
/** The process is killed; it hangs until long after its leases; its Redis is killed and comes back with its file. */
export const MODES = ['kill', 'stop', 'redis'] as const;
/** Test cards of the sandbox. */
export const CARDS = [
  'approve',
  'decline',
  'insufficient-funds',
  'slow',
  'three-d-secure',
  'timeout-before-capture',
  'timeout-after-capture',
  'wrong-amount',
  'wrong-currency',
] as const;
export type Card = (typeof CARDS)[number];

/**
 * What goes wrong at the gateway meanwhile: webhooks come late, twice, out of order, not at all, forged or too old; its
 * answers are lost; its bank takes its time to give back, or refuses to.
 */
export const GATEWAY_FAULTS = [
  {},
  { webhooks: { delay: 2 } },
  { webhooks: { duplicates: 3 } },
  { webhooks: { reorder: 4 } },
  { webhooks: { drop: true } },
  { webhooks: { badSignature: true, times: 20 } },
  { webhooks: { age: 600, times: 20 } },
  { api: { mode: 'drop', when: 'after', times: 10 } },
  { api: { mode: 'unavailable', when: 'before', times: 10 } },
  { api: { mode: 'hang', when: 'after', seconds: 10, times: 5 } },
  { cancellations: { mode: 'pending', seconds: 3, times: 10 } },
  { cancellations: { mode: 'refused', times: 5 } },
] as const;
export type GatewayFaults = (typeof GATEWAY_FAULTS)[number];

export interface CrashPoint {
  step: (typeof STEPS)[number];
  edge: (typeof EDGES)[number];
  mode: (typeof MODES)[number];
  /** How many times it is passed first, this one included. */
  nth: number;
  /** Whether the other process is killed with it, so that nobody is left. */
  all: boolean;
  /** What most buyers pay with meanwhile. */
  card: Card;
  faults: GatewayFaults;
}

export const describePoint = ({ step, edge, mode, nth, all, card, faults }: CrashPoint): string =>
  `${mode} ${edge} ${step} (${nth}.)${all ? ', nobody left' : ''}, ${card}, ${JSON.stringify(faults)}`;

/** Every step, edge and mode, with an ordinary card; then every card at every step and edge. */
export function* matrix(): Iterable<CrashPoint> {
  const plain = { nth: 2, all: false, card: 'approve', faults: {} } as const;
  for (const mode of MODES) {
    for (const step of STEPS) for (const edge of EDGES) yield { ...plain, step, edge, mode };
  }
  for (const card of CARDS) {
    for (const step of STEPS) for (const edge of EDGES) yield { ...plain, step, edge, mode: 'kill', card };
  }
}

export const randomPoint = (chance: Chance): CrashPoint => ({
  step: chance.pick(STEPS),
  edge: chance.pick(EDGES),
  // To hang takes long, and is no different from being killed for most of what was not done.
  mode: chance.pick(['kill', 'kill', 'kill', 'kill', 'redis', 'stop']),
  nth: 1 + chance.below(6),
  all: chance.below(4) === 0,
  card: chance.pick(CARDS),
  faults: chance.pick<GatewayFaults>([{}, {}, {}, ...GATEWAY_FAULTS]),
});
