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
}

const CountSchema = Type.String({ pattern: '^\\d{1,16}$' });
const OptionalCountSchema = Type.String({ pattern: '^\\d{0,16}$' });
const hash = Compile(
  Type.Object({
    incarnation: Type.String({ minLength: 1 }),
    state: QueueStateSchema,
    opensAt: OptionalCountSchema,
    openedAt: OptionalCountSchema,
    rate: Type.String({ pattern: '^\\d+(\\.\\d+)?$' }),
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
  };
}

const optional = (text: string): number | null => (text === '' ? null : Number(text));
