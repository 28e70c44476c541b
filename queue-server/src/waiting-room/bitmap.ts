/** Bits as Redis has them: the first is the highest of the first byte. A receipt counts from 1, its bit from 0. */

export const EMPTY: Uint8Array = new Uint8Array(0);

export function hasBit(bitmap: Uint8Array, receipt: number): boolean {
  const index = receipt - 1;
  return ((bitmap[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

/** The bitmap with that bit set: the same one where there is room for it. */
export function withBit(bitmap: Uint8Array, receipt: number): Uint8Array {
  const index = receipt - 1;
  const byte = index >> 3;
  let result = bitmap;
  if (byte >= bitmap.length) {
    result = new Uint8Array(Math.max(64, 2 * (byte + 1)));
    result.set(bitmap);
  }
  result[byte] = (result[byte] ?? 0) | (0x80 >> (index & 7));
  return result;
}

/** Calls `visit` for each receipt whose bit is not the same in both, in order. */
export function eachChange(before: Uint8Array, after: Uint8Array, visit: (receipt: number) => void): void {
  const length = Math.max(before.length, after.length);
  for (let byte = 0; byte < length; byte += 1) {
    let difference = (before[byte] ?? 0) ^ (after[byte] ?? 0);
    while (difference !== 0) {
      const bit = Math.clz32(difference) - 24;
      visit(byte * 8 + bit + 1);
      difference &= ~(0x80 >> bit);
    }
  }
}

export const eachBit = (bitmap: Uint8Array, visit: (receipt: number) => void): void =>
  eachChange(EMPTY, bitmap, visit);
