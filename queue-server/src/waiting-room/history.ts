/** What one step of a leader did, as the admissions stream has it: receipts, in the order in which they were called. */
export interface Admissions {
  /** Milliseconds since 1970 on Redis' clock. */
  at: number;
  /** The cursor before and after. */
  from: number;
  to: number;
  called: number[];
  /** Were missed before, and called now. */
  recalled: number[];
  /** Not there when it was their turn. */
  missed: number[];
  /** Called before, and did not come: their admission was given back. */
  back: number[];
  lost: number[];
}

/** Milliseconds. */
const MINUTE = 60_000;
/** A rate is one of at least so many seconds. */
const ENOUGH = 10;

const receiptsIn = (text: string | undefined): number[] => (text ? text.split(' ').map(Number) : []);

/** @param fields names and values of an entry */
export function parseAdmissions(id: string, fields: readonly string[]): Admissions {
  const texts = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) texts.set(fields[at] ?? '', fields[at + 1] ?? '');
  const list = (name: string) => receiptsIn(texts.get(name));
  return {
    at: Number.parseInt(id, 10),
    from: Number(texts.get('from')),
    to: Number(texts.get('to')),
    called: list('called'),
    recalled: list('recalled'),
    missed: list('missed'),
    back: list('back'),
    lost: list('lost'),
  };
}

/** When a place was called, and whether that was again. */
export interface Call {
  at: number;
  again: boolean;
}

/** What a leader remembers of the steps before this one, whoever did them: all of it is in the stream. */
export function createHistory() {
  /** Who was called and may not have claimed yet. */
  const called = new Map<number, Call>();
  let minute: { at: number; calls: number; net: number }[] = [];

  return {
    called: called as ReadonlyMap<number, Call>,
    note(step: Admissions): void {
      for (const receipt of [...step.missed, ...step.back, ...step.lost]) called.delete(receipt);
      for (const receipt of step.called) called.set(receipt, { at: step.at, again: false });
      for (const receipt of step.recalled) called.set(receipt, { at: step.at, again: true });
      const calls = step.called.length;
      minute.push({ at: step.at, calls, net: calls + step.recalled.length - step.back.length });
    },
    /** Who has claimed, or is gone, is waited for no more. */
    forget(isOver: (receipt: number) => boolean): void {
      for (const receipt of called.keys()) if (isOver(receipt)) called.delete(receipt);
    },
    /** Let in per second over the last minute. */
    measured(now: number): number {
      minute = minute.filter(({ at }) => at > now - MINUTE);
      const net = minute.reduce((sum, step) => sum + step.net, 0);
      return Math.max(0, net / (MINUTE / 1_000));
    },
    /** Called per second of those in which somebody was: an empty room, a pause and a sold-out show are no rate. */
    reached(rate: number): number | null {
      const longest = Math.max(2_000, 2_000 / rate);
      let [calls, time] = [0, 0];
      for (const [index, step] of minute.entries()) {
        const gap = step.at - (minute[index - 1]?.at ?? Number.NEGATIVE_INFINITY);
        if (gap > longest) continue;
        calls += step.calls;
        time += gap / 1_000;
      }
      return time < ENOUGH ? null : calls / time;
    },
  };
}
export type History = ReturnType<typeof createHistory>;
