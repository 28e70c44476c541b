import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema } from './atoms.ts';

/** The waiting room in front of one event's seats. A place is a number; a position is how many are before it. */

const strict = { additionalProperties: false };

export const QUEUE_LIMITS = {
  /** Admissions per second. */
  rate: { min: 0.1, max: 1_000, default: 10 },
  capacity: { min: 1, max: 500_000, default: 50_000 },
  /** Seconds that a place outlives its member's last poll. */
  grace: { min: 10, max: 3_600, default: 300 },
} as const;

const RateSchema = Type.Number({
  minimum: QUEUE_LIMITS.rate.min,
  maximum: QUEUE_LIMITS.rate.max,
  description: 'members let in per second',
  examples: [10],
});
const CapacitySchema = Type.Integer({
  minimum: QUEUE_LIMITS.capacity.min,
  maximum: QUEUE_LIMITS.capacity.max,
  description: 'members who wait at most',
  examples: [50_000],
});
const GraceSchema = Type.Integer({
  minimum: QUEUE_LIMITS.grace.min,
  maximum: QUEUE_LIMITS.grace.max,
  description: 'seconds that a place outlives the last poll',
  examples: [300],
});

/**
 * PRE_QUEUE gathers until the sale opens, OPEN lets members in, PAUSED was stopped by an operator, SOLD_OUT has nothing
 * left to hold (it goes on if something comes back). Where there is no waiting room, there is no state.
 */
export const QueueStateSchema = Type.Enum(['PRE_QUEUE', 'OPEN', 'PAUSED', 'SOLD_OUT']);
export type QueueState = Static<typeof QueueStateSchema>;

/** From it everybody can recompute every number of the pre-queue (`scripts/verify-draw`). */
export const DrawSchema = Type.Object({
  algorithm: Type.Literal('feistel-sha256-v1'),
  seed: Type.String({
    pattern: '^[0-9a-f]{64}$',
    description: '256 random bits, written at the opening',
    examples: ['9f2c4be07d1a83655e0c7b91d4f8a2360b7e5c1948ad3f62c0e1957b4a8d2f13'],
  }),
  size: Type.Integer({ minimum: 0, description: 'how many were in the pre-queue: receipts 1 to size' }),
});
export type Draw = Static<typeof DrawSchema>;

/** `GET /api/queue/:eventId`: for everybody. */
export const QueueRoomSchema = Type.Object({
  eventId: IdSchema,
  state: QueueStateSchema,
  /** Null where an operator opens it by hand. */
  opensAt: Type.Union([DateTimeSchema, Type.Null()]),
  rate: RateSchema,
  waiting: Type.Integer({ minimum: 0 }),
  draw: Type.Union([DrawSchema, Type.Null()]),
  serverTime: DateTimeSchema,
});
export type QueueRoom = Static<typeof QueueRoomSchema>;

/** Seconds: the wait is somewhere between them. */
const WaitSchema = Type.Object({
  min: Type.Integer({ minimum: 0, description: 'seconds' }),
  max: Type.Integer({ minimum: 0, description: 'seconds' }),
});

export const QUEUE_TOKEN_PATTERN = '^q[rp]_[A-Za-z0-9_-]{43}$';
const TokenSchema = (kind: 'qr' | 'qp') =>
  Type.Object({
    token: Type.String({
      pattern: `^${kind}_[A-Za-z0-9_-]{43}$`,
      description: 'goes into X-Queue-Token, never into a URL',
      examples: [`${kind}_mJ2yW0r5vQ9xT1bN4cK7dL8fG3hZ6sA0pE5uI2oY1wM`],
    }),
    expiresAt: DateTimeSchema,
  });

/** What lets its member reserve seats. */
export const AdmissionSchema = TokenSchema('qr');
export type Admission = Static<typeof AdmissionSchema>;
/** What lets its member pay for seats that are held. */
export const PaymentPermitSchema = TokenSchema('qp');
export type PaymentPermit = Static<typeof PaymentPermitSchema>;

/** `POST /api/queue/:eventId/enter` and `GET /api/queue/:eventId/status`: the caller's own place. */
export const QueuePlaceSchema = Type.Object({
  eventId: IdSchema,
  state: QueueStateSchema,
  /** WAITING until it is one's turn, ADMITTED from then on. */
  place: Type.Enum(['WAITING', 'ADMITTED']),
  /** When the member came, counted from 1: what the draw makes a number of. */
  receipt: Type.Integer({ minimum: 1 }),
  /** Null until the sale opens. */
  number: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  /** From 1; null until the sale opens, 0 for who is let in. */
  position: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  /** How many are let in before. */
  ahead: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  wait: Type.Union([WaitSchema, Type.Null()]),
  /** Seats that can be had; null where product-server has not said. */
  remaining: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  opensAt: Type.Union([DateTimeSchema, Type.Null()]),
  serverTime: DateTimeSchema,
  /** Milliseconds until the next poll is welcome; an earlier one is 429. */
  nextPollIn: Type.Integer({ minimum: 0, description: 'milliseconds' }),
  admission: Type.Union([AdmissionSchema, Type.Null()]),
});
export type QueuePlace = Static<typeof QueuePlaceSchema>;

/** `PUT /api/queue/:eventId` (ADMIN): what is not named stays, or has its default. */
export const QueueSettingsSchema = Type.Object(
  {
    opensAt: Type.Optional(Type.Union([DateTimeSchema, Type.Null()])),
    rate: Type.Optional(RateSchema),
    capacity: Type.Optional(CapacitySchema),
    graceSeconds: Type.Optional(GraceSchema),
  },
  strict,
);
export type QueueSettings = Static<typeof QueueSettingsSchema>;

/** `GET /api/queue/:eventId/stats` (ADMIN), and each message of `/live`. */
export const QueueStatsSchema = Type.Object({
  eventId: IdSchema,
  state: QueueStateSchema,
  settings: Type.Object({
    opensAt: Type.Union([DateTimeSchema, Type.Null()]),
    rate: RateSchema,
    capacity: CapacitySchema,
    graceSeconds: GraceSchema,
  }),
  /** Everybody who ever came. */
  entered: Type.Integer({ minimum: 0 }),
  waiting: Type.Integer({ minimum: 0 }),
  /** Of those who wait, who has polled when told to. */
  present: Type.Integer({ minimum: 0 }),
  /** Whose turn has come, and who has taken it. */
  called: Type.Integer({ minimum: 0 }),
  admitted: Type.Integer({ minimum: 0 }),
  /** Not there when their turn came; they are let in first if they come back in time. */
  missed: Type.Integer({ minimum: 0 }),
  /** Who left, or stopped polling for longer than the grace. */
  gone: Type.Integer({ minimum: 0 }),
  /** Members let in per second over the last minute. */
  measuredRate: Type.Number({ minimum: 0 }),
  remaining: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  leader: Type.Union([Type.String(), Type.Null()]),
  draw: Type.Union([DrawSchema, Type.Null()]),
  serverTime: DateTimeSchema,
});
export type QueueStats = Static<typeof QueueStatsSchema>;

/** `GET /internal/v1/events/:id/availability` of product-server: what can be had, in figures. */
export const AvailabilitySchema = Type.Object({
  eventId: IdSchema,
  onSale: Type.Boolean(),
  available: Type.Integer({ minimum: 0 }),
  held: Type.Integer({ minimum: 0 }),
  sold: Type.Integer({ minimum: 0 }),
});
export type Availability = Static<typeof AvailabilitySchema>;
