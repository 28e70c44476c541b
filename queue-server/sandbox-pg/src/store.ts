import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { FaultsSchema } from './faults.ts';
import { openJournal } from './journal.ts';
import { type Entry, EntrySchema, type Totals, TotalsSchema, totalsOf } from './ledger.ts';
import { hasEnded, type Payment, PaymentSchema } from './payment/payment.ts';
import { type Delivery, DeliverySchema } from './webhook/delivery.ts';

/** What an operator has changed while it runs. */
const SettingsSchema = Type.Object({
  ahead: Type.Integer({ description: 'milliseconds that the clock is ahead' }),
  faults: FaultsSchema,
  webhookSecrets: Type.Union([Type.Array(Type.String()), Type.Null()]),
});
export type Settings = Static<typeof SettingsSchema>;

/** What was answered to an idempotency key. */
const AnswerSchema = Type.Object({
  key: Type.String(),
  fingerprint: Type.String(),
  status: Type.Integer(),
  body: Type.Unknown(),
  at: Type.Integer(),
});
export type Answer = Static<typeof AnswerSchema>;

const RecordSchema = Type.Union([
  Type.Object({ payment: PaymentSchema }),
  Type.Object({ entry: EntrySchema }),
  Type.Object({ delivery: DeliverySchema }),
  Type.Object({ answer: AnswerSchema }),
  Type.Object({ settings: SettingsSchema }),
  Type.Object({ forgotten: Type.String() }),
  Type.Object({ carried: TotalsSchema }),
]);
const record = Compile(RecordSchema);

/** Of messages that are done with, and of answers, the latest so many are kept. */
const KEPT = 10_000;

/** The journal is begun anew once it has grown by so many lines for each that is worth keeping, and some more. */
const GROWTH = { times: 4, lines: 20_000 };

/** Everything that is known, in memory and in the journal; never more than `capacity` payments. */
export function openStore({ file, capacity }: { file: string; capacity: number }) {
  const journal = openJournal(file);
  const payments = new Map<string, Payment>();
  const entries = new Map<number, Entry>();
  const deliveries = new Map<string, Delivery>();
  const answers = new Map<string, Answer>();
  let settings: Settings = { ahead: 0, faults: {}, webhookSecrets: null };
  let carried: Totals = {};
  let numbers = 0;

  function take(it: Static<typeof RecordSchema>): void {
    if ('payment' in it) payments.set(it.payment.id, it.payment);
    else if ('entry' in it) {
      entries.set(it.entry.number, it.entry);
      numbers = Math.max(numbers, it.entry.number);
    } else if ('delivery' in it) latest(deliveries, it.delivery.id, it.delivery);
    else if ('answer' in it) latest(answers, it.answer.key, it.answer);
    else if ('settings' in it) settings = it.settings;
    else if ('carried' in it) carried = it.carried;
    else forget(it.forgotten);
  }

  function put(it: Static<typeof RecordSchema>): void {
    take(it);
    journal.append(it);
    const kept = payments.size + entries.size + deliveries.size + answers.size;
    if (journal.isLongerThan(GROWTH.times * kept + GROWTH.lines)) compact();
  }

  function forget(paymentId: string): void {
    const gone = [...entries.values()].filter((entry) => entry.paymentId === paymentId);
    carried = totalsOf(gone, carried);
    for (const { number } of gone) entries.delete(number);
    payments.delete(paymentId);
  }

  function compact(): void {
    journal.begin([
      { carried },
      { settings },
      ...[...payments.values()].map((payment) => ({ payment })),
      ...[...entries.values()].map((entry) => ({ entry })),
      ...[...deliveries.values()].map((delivery) => ({ delivery })),
      ...[...answers.values()].map((answer) => ({ answer })),
    ]);
  }

  for (const line of journal.read()) take(record.Parse(line));
  compact();

  return {
    together: journal.together,
    close: journal.close,

    payment: (id: string): Payment | undefined => payments.get(id),
    payments: (): Iterable<Payment> => payments.values(),
    save: (payment: Payment): void => put({ payment }),
    /** Makes room for one more, at the cost of the one that ended first. @returns whether there is room */
    makeRoom(): boolean {
      if (payments.size < capacity) return true;
      for (const payment of payments.values()) {
        if (!hasEnded(payment)) continue;
        put({ forgotten: payment.id });
        return true;
      }
      return false;
    },

    enter: (entry: Omit<Entry, 'number'>): void => put({ entry: { ...entry, number: numbers + 1 } }),
    entries: (paymentId?: string): Entry[] =>
      [...entries.values()].filter((entry) => paymentId === undefined || entry.paymentId === paymentId),
    totals: (): Totals => totalsOf(entries.values(), carried),

    saveDelivery: (delivery: Delivery): void => put({ delivery }),
    deliveries: (): Delivery[] => [...deliveries.values()],

    answer: (key: string): Answer | undefined => answers.get(key),
    saveAnswer: (answer: Answer): void => put({ answer }),

    settings: (): Settings => settings,
    change: (changes: Partial<Settings>): void => put({ settings: { ...settings, ...changes } }),
  };
}
export type Store = ReturnType<typeof openStore>;

/** The newest last, and the oldest that nobody waits for let go. */
function latest<T extends Delivery | Answer>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= KEPT) return;
  for (const [oldest, it] of map) {
    if ('state' in it && it.state === 'PENDING') continue;
    map.delete(oldest);
    return;
  }
}
