import { createHash } from 'node:crypto';
import type { Draw } from '@doa-market/common/contracts';

/** Enough for every order of a few to come up equally often, and four are the least that hide anything. */
const ROUNDS = 8;

/** What a draw makes of receipts. Both take and give whole numbers from 1, and undo each other. */
export interface Numbers {
  numberOf(receipt: number): number;
  receiptOf(number: number): number;
}

/**
 * The draw `feistel-sha256-v1` (docs/waiting-room.md has it in words): a permutation of the receipts 1 to `size`, which
 * follows from the seed alone. Whoever came after the opening stays behind: number = receipt.
 *
 * A generalised Feistel network (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002) over a grid that is
 * hardly larger than the draw, and cycle walking for the rest. Nothing is shuffled or stored but the round function's
 * values, of which there are some sqrt(size) in each round: milliseconds once, nanoseconds a number.
 */
export function createNumbers({ seed, size }: Pick<Draw, 'seed' | 'size'>): Numbers {
  const left = ceilOfSquareRoot(size);
  const right = left === 0 ? 0 : Math.ceil(size / left);
  const rounds = roundValues(Buffer.from(seed, 'hex'), left, right);

  function forwards(index: number): number {
    let l = Math.floor(index / right);
    let r = index % right;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round % 2 === 0) l = (l + addend(round, r)) % left;
      else r = (r + addend(round, l)) % right;
    }
    return l * right + r;
  }

  function backwards(index: number): number {
    let l = Math.floor(index / right);
    let r = index % right;
    for (let round = ROUNDS - 1; round >= 0; round -= 1) {
      if (round % 2 === 0) l = (l + left - addend(round, r)) % left;
      else r = (r + right - addend(round, l)) % right;
    }
    return l * right + r;
  }

  const addend = (round: number, x: number): number => rounds[round]?.[x] ?? 0;

  /** A few cells of the grid are no receipts: whoever lands there goes on. */
  function walk(step: (index: number) => number, from: number): number {
    let index = step(from - 1);
    while (index >= size) index = step(index);
    return index + 1;
  }

  return {
    numberOf: (receipt) => (receipt <= size ? walk(forwards, receipt) : receipt),
    receiptOf: (number) => (number <= size ? walk(backwards, number) : number),
  };
}

function ceilOfSquareRoot(size: number): number {
  let root = Math.floor(Math.sqrt(size));
  while (root * root < size) root += 1;
  return root;
}

/** What each round adds, for every value of the half that it depends on; already within the half that it is added to. */
function roundValues(seed: Buffer, left: number, right: number): Uint32Array[] {
  return Array.from({ length: ROUNDS }, (_, round) => {
    const [domain, modulus] = round % 2 === 0 ? [right, left] : [left, right];
    return Uint32Array.from({ length: domain }, (_, x) => roundFunction(seed, round, x) % modulus);
  });
}

/** The first 48 bits of SHA-256(seed, round as one byte, x as four bytes): what they are too many by is 2^-37 or less. */
function roundFunction(seed: Buffer, round: number, x: number): number {
  const message = Buffer.allocUnsafe(5);
  message.writeUInt8(round, 0);
  message.writeUInt32BE(x, 1);
  return createHash('sha256').update(seed).update(message).digest().readUIntBE(0, 6);
}
