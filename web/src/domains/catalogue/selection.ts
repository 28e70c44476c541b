import type { SkuModel } from './models';

/** One value per option, in the order of the options. */
export type Selection = string[];

/** The SKU that `selection` names, if it names one. */
export function findSku(skus: SkuModel[], selection: Selection): SkuModel | undefined {
  return skus.find(({ values }) => values.every((value, index) => value === selection[index]));
}

/** What to select at first: the first that can be had, else the first. */
export function firstSelection(skus: SkuModel[]): Selection {
  return (skus.find(({ stock }) => stock > 0) ?? skus[0])?.values ?? [];
}

/** Whether choosing `value` for the option at `index`, with the rest as it is, leads to something in stock. */
export function isAvailable(skus: SkuModel[], selection: Selection, index: number, value: string): boolean {
  const stock = findSku(skus, selection.with(index, value))?.stock ?? 0;
  return stock > 0;
}

/** The selection that a query such as `색상=차콜&사이즈=M` names, where it is one that exists. */
export function selectionFromQuery(
  query: string,
  options: { name: string }[],
  skus: SkuModel[],
): Selection | undefined {
  const parameters = new URLSearchParams(query);
  const selection = options.map(({ name }) => parameters.get(name) ?? '');
  return findSku(skus, selection) && options.length > 0 ? selection : undefined;
}

/** `query` with the options of `selection` in it; whatever else it says stays. */
export function queryFromSelection(query: string, options: { name: string }[], selection: Selection): string {
  const parameters = new URLSearchParams(query);
  options.forEach(({ name }, index) => {
    parameters.set(name, selection[index] ?? '');
  });
  return `?${parameters}`;
}
