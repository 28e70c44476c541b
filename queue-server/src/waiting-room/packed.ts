/** A receipt that was seen, and after how many whole seconds at most it was told to come back. */
export interface Sighting {
  receipt: number;
  told: number;
}

/** Sorted by receipt, each as the distance to the one before and the seconds; numbers are LEB128. Two or three bytes each. */
export function pack(sightings: ReadonlyMap<number, number>): Buffer {
  const sorted = [...sightings].sort(([a], [b]) => a - b);
  const bytes = Buffer.allocUnsafe(sorted.length * 10);
  let end = 0;
  const write = (value: number) => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) end = bytes.writeUInt8((rest % 0x80) | 0x80, end);
    end = bytes.writeUInt8(rest, end);
  };
  let before = 0;
  for (const [receipt, told] of sorted) {
    write(receipt - before);
    write(told);
    before = receipt;
  }
  return bytes.subarray(0, end);
}

/** What was packed; an end that is cut off is left out. */
export function* unpack(bytes: Uint8Array): Generator<Sighting> {
  let at = 0;
  const read = (): number | undefined => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  let receipt = 0;
  for (;;) {
    const distance = read();
    const told = read();
    if (distance === undefined || told === undefined) return;
    receipt += distance;
    yield { receipt, told };
  }
}
