/** `[[a, b], [1, 2]]` gives `[a, 1], [a, 2], [b, 1], [b, 2]`, and no lists one empty combination. */
export const combinations = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])), [[]]);

/** Whether two lists of values are the same one. */
export const sameValues = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);
