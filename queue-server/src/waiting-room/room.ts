import { type Draw, type QueueState, QueueStateSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** What the hash of a room says (keys.ts). Times in milliseconds since 1970 on Redis' clock. */
export interface Room {
  incarnation: string;
  state: QueueState;
  opensAt: number | null;
  openedAt: number | null;
  rate: number;
  capacity: number;
  /** Seconds. */
  grace: number;
  arrivals: number;
  /** Null before the opening. */
  draw: Draw | null;
  cursor: number;
  /** Microseconds since 1970. */
  tat: number;
  stock: number | null;
  gone: number;
  claimed: number;
  missed: number;
  version: number;
  /** Of those who wait, who was there when told to: as the leader last counted; null where none has yet. */
  present: number | null;
  /** Let in per second over the last minute. */
  measured: number;
  /** Called per second while there was somebody to call; null where that is not known. */
  reached: number | null;
}

const CountSchema = Type.String({ pattern: '^\\d{1,16}$' });
const OptionalCountSchema = Type.String({ pattern: '^\\d{0,16}$' });
const RateSchema = Type.String({ pattern: '^\\d+(\\.\\d+)?$' });
const hash = Compile(
  Type.Object({
    incarnation: Type.String({ minLength: 1 }),
    state: QueueStateSchema,
    opensAt: OptionalCountSchema,
    openedAt: OptionalCountSchema,
    rate: RateSchema,
    capacity: CountSchema,
    grace: CountSchema,
    arrivals: CountSchema,
    seed: Type.String({ pattern: '^([0-9a-f]{64})?$' }),
    drawSize: CountSchema,
    cursor: CountSchema,
    tat: CountSchema,
    stock: OptionalCountSchema,
    gone: CountSchema,
    claimed: CountSchema,
    missed: CountSchema,
    version: CountSchema,
    present: Type.Optional(OptionalCountSchema),
    measured: Type.Optional(RateSchema),
    reached: Type.Optional(Type.Union([Type.Literal(''), RateSchema])),
  }),
);

/** What HGETALL answered; undefined where there is no room. @throws where it is no room of ours */
export function parseRoom(value: unknown): Room | undefined {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return undefined;
  const { seed, drawSize, state, incarnation, ...text } = hash.Parse(value);
  return {
    incarnation,
    state,
    opensAt: optional(text.opensAt),
    openedAt: optional(text.openedAt),
    rate: Number(text.rate),
    capacity: Number(text.capacity),
    grace: Number(text.grace),
    arrivals: Number(text.arrivals),
    draw: seed === '' ? null : { algorithm: 'feistel-sha256-v1', seed, size: Number(drawSize) },
    cursor: Number(text.cursor),
    tat: Number(text.tat),
    stock: optional(text.stock),
    gone: Number(text.gone),
    claimed: Number(text.claimed),
    missed: Number(text.missed),
    version: Number(text.version),
    present: optional(text.present ?? ''),
    measured: Number(text.measured ?? 0),
    reached: optional(text.reached ?? ''),
  };
}

const optional = (text: string): number | null => (text === '' ? null : Number(text));
