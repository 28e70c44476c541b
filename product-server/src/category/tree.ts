/** What of a category makes the tree. */
export interface Node {
  id: string;
  slug: string;
  parentId: string | null;
  active: boolean;
}

export const childrenOf = <T extends Node>(nodes: readonly T[], parentId: string | null): T[] =>
  nodes.filter((node) => node.parentId === parentId);

/** The node and all below it. */
export const withDescendants = <T extends Node>(nodes: readonly T[], node: T): T[] => [
  node,
  ...childrenOf(nodes, node.id).flatMap((child) => withDescendants(nodes, child)),
];

/** How many levels a node and what is below it take. */
export const heightOf = (nodes: readonly Node[], node: Node): number =>
  1 + Math.max(0, ...childrenOf(nodes, node.id).map((child) => heightOf(nodes, child)));

/** Without what is not active, and what is below that. */
export function shown<T extends Node>(nodes: readonly T[]): T[] {
  const below = (parentId: string | null): T[] =>
    childrenOf(nodes, parentId).flatMap((node) => (node.active ? [node, ...below(node.id)] : []));
  return below(null);
}
