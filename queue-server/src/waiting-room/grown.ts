/** The same values in an array that has room for this index, and for as many again as it had. */
export function grown(array: Float64Array, index: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(2 * array.length, index + 1));
  larger.set(array);
  return larger;
}
