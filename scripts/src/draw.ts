import { createHash } from 'node:crypto';

/** What `GET /api/queue/:eventId` publishes of a draw. */
export interface Draw {
  /** 64 hexadecimal digits. */
  seed: string;
  /** How many were there when the sale opened. */
  size: number;
}

/**
 * The number of a receipt, computed as docs/waiting-room.md describes it, step by step: on purpose without a line of the
 * server's own code, so that who checks a draw believes the description alone.
 */
export function drawNumber({ seed, size }: Draw, receipt: number): number {
  if (receipt > size) return receipt;
  let rows = 1;
  while (rows * rows < size) rows += 1;
  const columns = Math.ceil(size / rows);
  let cell = receipt - 1;
  do {
    let row = Math.floor(cell / columns);
    let column = cell % columns;
    for (const round of [0, 2, 4, 6]) {
      row = (row + digest(seed, round, column)) % rows;
      column = (column + digest(seed, round + 1, row)) % columns;
    }
    cell = row * columns + column;
  } while (cell >= size);
  return cell + 1;
}

/** The first six bytes of the SHA-256 of 37 bytes: seed, round, value. */
function digest(seed: string, round: number, value: number): number {
  const hex = seed + round.toString(16).padStart(2, '0') + value.toString(16).padStart(8, '0');
  const hash = createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
  return Number.parseInt(hash.slice(0, 12), 16);
}

/**
 * The number of each receipt, in their order.
 * @throws where two have the same one, or one is outside 1 to `size`: then they are no draw
 */
export function drawnNumbers(draw: Draw): number[] {
  const taken = new Uint8Array(draw.size + 1);
  return Array.from({ length: draw.size }, (_, index) => {
    const number = drawNumber(draw, index + 1);
    if (number < 1 || number > draw.size || taken[number]) {
      throw new Error(`receipt ${index + 1} draws ${number}, which is not its alone`);
    }
    taken[number] = 1;
    return number;
  });
}
