/** So many of one thing. */
interface Amount {
  id: string;
  quantity: number;
}

/** One amount for each thing, however many lines ask for it, in the order of the ids. */
export function addedUp(lines: readonly Amount[]): Amount[] {
  const sums = new Map<string, number>();
  for (const { id, quantity } of lines) sums.set(id, (sums.get(id) ?? 0) + quantity);
  return [...sums]
    .map(([id, quantity]) => ({ id, quantity }))
    .sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
