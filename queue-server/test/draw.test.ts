import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNumbers } from '../src/waiting-room/draw.ts';

const SEED = '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f';
const seedOf = (n: number) => createHash('sha256').update(String(n)).digest('hex');
const receipts = (size: number) => Array.from({ length: size }, (_, index) => index + 1);
const numbersOf = (seed: string, size: number) => receipts(size).map(createNumbers({ seed, size }).numberOf);

/** The description of docs/waiting-room.md in big integers, and recursive where the server loops. */
function described(seed: string, size: bigint, receipt: bigint): bigint {
  if (receipt > size) return receipt;
  let rows = 0n;
  while (rows * rows < size) rows += 1n;
  const columns = (size + rows - 1n) / rows;
  const f = (round: number, value: bigint) => {
    const bytes = Buffer.concat([Buffer.from(seed, 'hex'), Buffer.from([round]), Buffer.alloc(4)]);
    bytes.writeUInt32BE(Number(value), 33);
    return BigInt(`0x${createHash('sha256').update(bytes).digest('hex')}`) >> 208n;
  };
  const pass = (round: number, row: bigint, column: bigint): bigint => {
    if (round === 8) return row * columns + column;
    if (round % 2 === 0) return pass(round + 1, (row + f(round, column)) % rows, column);
    return pass(round + 1, row, (column + f(round, row)) % columns);
  };
  const walk = (cell: bigint): bigint => {
    const next = pass(0, cell / columns, cell % columns);
    return next < size ? next + 1n : walk(next);
  };
  return walk(receipt - 1n);
}

describe('the draw', () => {
  it('gives every receipt a number of its own, whatever the size, and finds the receipt of a number', () => {
    for (const size of [...receipts(70), 99, 100, 101, 1_023, 4_096, 10_007]) {
      const { numberOf, receiptOf } = createNumbers({ seed: seedOf(size), size });
      const numbers = receipts(size).map(numberOf);
      expect(new Set(numbers).size, `size ${size}`).toBe(size);
      expect(Math.min(...numbers), `size ${size}`).toBe(1);
      expect(Math.max(...numbers), `size ${size}`).toBe(size);
      expect(numbers.map(receiptOf), `size ${size}`).toEqual(receipts(size));
    }
  });

  it('is what its description says, computed by somebody who never saw this code', () => {
    for (const size of [1, 2, 3, 9, 10, 50, 257, 1_000]) {
      const expected = receipts(size).map((it) => Number(described(SEED, BigInt(size), BigInt(it))));
      expect(numbersOf(SEED, size), `size ${size}`).toEqual(expected);
    }
    const { numberOf } = createNumbers({ seed: SEED, size: 500_000 });
    for (const receipt of [1, 2, 250_000, 499_999, 500_000]) {
      expect(numberOf(receipt)).toBe(Number(described(SEED, 500_000n, BigInt(receipt))));
    }
  });

  it('never changes: these numbers were drawn before', () => {
    expect(numbersOf(SEED, 10)).toEqual([5, 7, 6, 3, 10, 1, 9, 8, 4, 2]);
    const { numberOf } = createNumbers({ seed: SEED, size: 50_000 });
    expect([1, 2, 3, 25_000, 50_000].map(numberOf)).toEqual([18_796, 18_617, 929, 38_009, 19_358]);
  });

  it('leaves who came later behind, in the order they came', () => {
    const { numberOf, receiptOf } = createNumbers({ seed: SEED, size: 10 });
    expect([11, 12, 1_000].map(numberOf)).toEqual([11, 12, 1_000]);
    expect(receiptOf(11)).toBe(11);
    expect(createNumbers({ seed: SEED, size: 0 }).numberOf(1)).toBe(1);
  });

  it('is fair: over many seeds each receipt draws each number equally often', () => {
    const size = 7;
    const rounds = 3_500;
    const counts = new Map<string, number>();
    for (let n = 0; n < rounds; n += 1) {
      for (const [index, number] of numbersOf(seedOf(n), size).entries()) {
        counts.set(`${index}:${number}`, (counts.get(`${index}:${number}`) ?? 0) + 1);
      }
    }
    const expected = rounds / size;
    const deviations = [...counts.values()].map((count) => (count - expected) ** 2 / expected);
    expect(counts.size).toBe(size * size);
    // Chi-squared with 36 degrees of freedom: one in a million fair draws is above.
    expect(deviations.reduce((sum, it) => sum + it, 0)).toBeLessThan(92);
  });

  it('shows nothing of the order of arrival: neighbours are far from each other', () => {
    const numbers = numbersOf(SEED, 10_000);
    const gaps = numbers.slice(1).map((number, index) => Math.abs(number - (numbers[index] ?? 0)));
    const mean = gaps.reduce((sum, it) => sum + it, 0) / gaps.length;
    // A third of the size, as between any two that were drawn by chance.
    expect(mean).toBeGreaterThan(3_200);
    expect(mean).toBeLessThan(3_467);
  });
});
