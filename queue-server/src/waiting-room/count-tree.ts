/**
 * How many of the numbers 1 to n are marked, in O(log n) (P. M. Fenwick, "A New Data Structure for Cumulative Frequency
 * Tables", 1994). Grows by itself; four bytes a number.
 */
export function createCountTree(size = 1_024) {
  let tree = new Int32Array(size + 1);

  /** Twice the size: all that there was is below the new middle. */
  function grow(): void {
    const middle = tree.length - 1;
    const larger = new Int32Array(2 * middle + 1);
    larger.set(tree);
    larger[2 * middle] = upTo(middle);
    tree = larger;
  }

  function upTo(number: number): number {
    let count = 0;
    for (let at = Math.min(number, tree.length - 1); at > 0; at -= at & -at) count += tree[at] ?? 0;
    return count;
  }

  return {
    upTo,
    /** @param by 1 to mark it, -1 to unmark it */
    add(number: number, by: 1 | -1): void {
      while (number >= tree.length) grow();
      for (let at = number; at < tree.length; at += at & -at) tree[at] = (tree[at] ?? 0) + by;
    },
    clear(): void {
      tree.fill(0);
    },
  };
}
