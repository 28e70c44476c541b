const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** The value that `share` (0 to 1) of all values do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  return sorted(values)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
