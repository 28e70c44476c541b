import type { HoldState } from '@doa-market/common/contracts';

export interface OracleLine {
  id: string;
  quantity: number;
}

interface OracleHold {
  lines: OracleLine[];
  state: HoldState;
  expiresAt: number;
}

/** What became of a call: a hold's state, or the code of the refusal with what is left of what was short. */
export type Outcome = HoldState | { code: string; unavailable?: OracleAvailability };
export type OracleAvailability = { id: string; available: number }[];

/** The stock as one careful person with paper and pencil would keep it: nothing happens at once. */
export function createStockOracle(units: ReadonlyMap<string, number>) {
  const onHand = new Map(units);
  const held = new Map([...units.keys()].map((id) => [id, 0]));
  const sold = new Map<string, number>();
  const holds = new Map<string, OracleHold>();
  let now = 0;

  const add = (shelf: Map<string, number>, lines: readonly OracleLine[], sign: 1 | -1) => {
    for (const { id, quantity } of lines) shelf.set(id, (shelf.get(id) ?? 0) + sign * quantity);
  };
  const left = (id: string): number => (onHand.get(id) ?? 0) - (held.get(id) ?? 0);
  const shortOf = (lines: readonly OracleLine[]) => lines.filter(({ id, quantity }) => left(id) < quantity);

  function sweep(ids?: ReadonlySet<string>): number {
    const due = [...holds.values()].filter(
      ({ state, expiresAt, lines }) =>
        state === 'HELD' && expiresAt <= now && (!ids || lines.some(({ id }) => ids.has(id))),
    );
    for (const hold of due) {
      hold.state = 'EXPIRED';
      add(held, hold.lines, -1);
    }
    return due.length;
  }

  /** What is short once all that can be taken back for it was. */
  function shortAfterSweeping(lines: readonly OracleLine[]): OracleLine[] {
    for (;;) {
      const short = shortOf(lines);
      if (short.length === 0 || sweep(new Set(short.map(({ id }) => id))) === 0) return short;
    }
  }

  const refusal = (short: readonly OracleLine[]): Outcome => ({
    code: 'INV_4090',
    unavailable: short.map(({ id }) => ({ id, available: left(id) })),
  });

  return {
    hold(name: string, lines: OracleLine[], ttl: number): Outcome {
      const known = holds.get(name);
      if (known)
        return JSON.stringify(known.lines) === JSON.stringify(lines) ? known.state : { code: 'IDEM_4220' };
      const short = shortAfterSweeping(lines);
      if (short.length > 0) return refusal(short);
      add(held, lines, 1);
      holds.set(name, { lines, state: 'HELD', expiresAt: now + ttl });
      return 'HELD';
    },
    extend(name: string, ttl: number): Outcome {
      const hold = holds.get(name);
      if (!hold) return { code: 'REQ_4040' };
      if (hold.state === 'HELD') hold.expiresAt = Math.max(hold.expiresAt, now + ttl);
      else if (hold.state !== 'CONFIRMED') return { code: 'INV_4091' };
      return hold.state;
    },
    confirm(name: string): Outcome {
      const hold = holds.get(name);
      if (!hold) return { code: 'REQ_4040' };
      if (hold.state === 'RELEASED' || hold.state === 'RETURNED') return { code: 'INV_4091' };
      if (hold.state === 'CONFIRMED') return 'CONFIRMED';
      if (hold.state === 'EXPIRED') {
        const short = shortAfterSweeping(hold.lines);
        if (short.length > 0) return refusal(short);
      } else add(held, hold.lines, -1);
      add(onHand, hold.lines, -1);
      add(sold, hold.lines, 1);
      hold.state = 'CONFIRMED';
      return 'CONFIRMED';
    },
    release(name: string): Outcome {
      const hold = holds.get(name);
      if (!hold) return { code: 'REQ_4040' };
      if (hold.state === 'CONFIRMED') return { code: 'INV_4092' };
      if (hold.state === 'RETURNED') return { code: 'INV_4091' };
      if (hold.state === 'HELD') add(held, hold.lines, -1);
      hold.state = 'RELEASED';
      return 'RELEASED';
    },
    giveBack(name: string): Outcome {
      const hold = holds.get(name);
      if (!hold) return { code: 'REQ_4040' };
      if (hold.state === 'RETURNED') return 'RETURNED';
      if (hold.state !== 'CONFIRMED') return { code: 'INV_4091' };
      add(onHand, hold.lines, 1);
      add(sold, hold.lines, -1);
      hold.state = 'RETURNED';
      return 'RETURNED';
    },
    sweep: () => sweep(),
    pass(seconds: number) {
      now += seconds;
    },
    names: () => [...holds.keys()],
    /** `[on hand, held]` of each. */
    of: (ids: readonly string[]): [number, number][] =>
      ids.map((id) => [onHand.get(id) ?? 0, held.get(id) ?? 0]),
    /** Units that were sold and have not come back. */
    sold: () => [...sold.values()].reduce((sum, units) => sum + units, 0),
  };
}
