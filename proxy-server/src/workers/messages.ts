import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** Metrics as prom-client writes them into JSON; only prom-client reads them again. */
const Figures = Type.Array(Type.Object({ name: Type.String(), type: Type.String() }));
export type Figures = Static<typeof Figures>;

const ReadyAnswer = Type.Object({ status: Type.Integer(), body: Type.String() });
export type ReadyAnswer = Static<typeof ReadyAnswer>;

/** What a worker tells its supervisor. */
const Report = Type.Union([
  Type.Object({ type: Type.Literal('listening') }),
  /** Its listener is closed; what is in flight goes on. */
  Type.Object({ type: Type.Literal('left') }),
  /** On every request for them, and once more as the last thing it says. */
  Type.Object({ type: Type.Literal('figures'), figures: Figures }),
  Type.Object({ type: Type.Literal('ready'), answer: ReadyAnswer }),
]);
export type Report = Static<typeof Report>;

/** A listener's place among those that share the port, in the kernel's own order. */
const Place = Type.Object({ index: Type.Integer({ minimum: 0 }), of: Type.Integer({ minimum: 1 }) });
export type Place = Static<typeof Place>;

/** What a supervisor asks of a worker. */
const Order = Type.Union([
  Type.Object({ type: Type.Literal('figures') }),
  Type.Object({ type: Type.Literal('ready') }),
  /** Let new connections go to the others, then drain. */
  Type.Object({ type: Type.Literal('retire'), place: Place }),
  /** Let the kernel choose among all listeners again. */
  Type.Object({ type: Type.Literal('spread') }),
]);
export type Order = Static<typeof Order>;

export const isReport = (message: unknown): message is Report => Value.Check(Report, message);
export const isOrder = (message: unknown): message is Order => Value.Check(Order, message);
