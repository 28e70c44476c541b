import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Times = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'how many are hit; all of them without' }),
);
const Seconds = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description });

/** What may go wrong with webhooks. A wrong signature or time goes for the confirm webhook too. */
export const WebhookFaultsSchema = Type.Object(
  {
    delay: Type.Optional(Seconds('seconds before the first attempt')),
    duplicates: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'more of the same' })),
    reorder: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 100, description: 'this many are sent the last one first' }),
    ),
    drop: Type.Optional(Type.Literal(true)),
    badSignature: Type.Optional(Type.Literal(true)),
    age: Type.Optional(Seconds('how old its timestamp is, in seconds')),
    times: Times,
  },
  strict,
);

/** What may go wrong with a call of the REST API: it is done or not, and its answer does not come (in time). */
export const ApiFaultSchema = Type.Object(
  {
    operations: Type.Optional(
      Type.Array(Type.Enum(['pre-register', 'get', 'cancel']), { minItems: 1, maxItems: 3 }),
    ),
    mode: Type.Enum(['hang', 'drop', 'unavailable']),
    when: Type.Enum(['before', 'after']),
    seconds: Type.Optional(Seconds('for how long a call hangs; 60 without')),
    times: Times,
  },
  strict,
);

/** What a bank may do with a cancellation: take its time, or say no. Both are answers of 200. */
export const CancellationFaultSchema = Type.Object(
  {
    mode: Type.Enum(['pending', 'refused']),
    seconds: Type.Optional(Seconds('for how long it is pending; 60 without')),
    times: Times,
  },
  strict,
);

export const FaultsSchema = Type.Object(
  {
    webhooks: Type.Optional(WebhookFaultsSchema),
    api: Type.Optional(ApiFaultSchema),
    cancellations: Type.Optional(CancellationFaultSchema),
  },
  strict,
);
export type Faults = Static<typeof FaultsSchema>;
export type WebhookFaults = Static<typeof WebhookFaultsSchema>;
export type ApiFault = Static<typeof ApiFaultSchema>;
export type CancellationFault = Static<typeof CancellationFaultSchema>;
export type ApiOperation = NonNullable<ApiFault['operations']>[number];

/** One less of a fault that goes away by itself; undefined when it was the last. */
export function worn<T extends { times?: number }>(fault: T): T | undefined {
  if (fault.times === undefined) return fault;
  return fault.times > 1 ? { ...fault, times: fault.times - 1 } : undefined;
}
