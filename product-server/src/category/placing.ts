import { MAX_CATEGORY_DEPTH, MAX_SUBCATEGORIES, MAX_TOP_CATEGORIES } from '@doa-market/common/contracts';
import { conflict, invalidFields } from '@doa-market/common/errors';
import type { Transaction } from '../database.ts';
import type { CategoryRow } from './managed.ts';
import { childrenOf, heightOf, withDescendants } from './tree.ts';

interface Place {
  parentId: string | null;
  parentDepth: number | null;
  depth: number;
  position: number;
}

/** The last place under a parent, for what is `height` levels. @throws {ProblemError} 422, 409 where there is no room */
export function placeUnder(nodes: readonly CategoryRow[], parentId: string | null, height: number): Place {
  const parent = nodes.find(({ id }) => id === parentId);
  if (parentId !== null && !parent) throw invalidParent('must be a category');
  const depth = parent ? parent.depth + 1 : 1;
  if (depth + height - 1 > MAX_CATEGORY_DEPTH) {
    throw invalidParent(`must not lead deeper than ${MAX_CATEGORY_DEPTH} levels`);
  }
  const siblings = childrenOf(nodes, parentId);
  const room = parent ? MAX_SUBCATEGORIES : MAX_TOP_CATEGORIES;
  if (siblings.length >= room)
    throw conflict(`There are ${room} categories at most ${parent ? 'in one' : 'at the top'}.`);
  const position = Math.max(-1, ...siblings.map((it) => it.position)) + 1;
  return { parentId, parentDepth: parent?.depth ?? null, depth, position };
}

/**
 * Puts a category and all below it under another parent, in one statement: between two the foreign key would not hold,
 * as it names the depth of the parent. @throws {ProblemError} as placeUnder
 */
export async function moveCategory(
  nodes: readonly CategoryRow[],
  node: CategoryRow,
  parentId: string | null,
  tx: Transaction,
): Promise<void> {
  const moved = withDescendants(nodes, node);
  if (moved.some(({ id }) => id === parentId)) throw invalidParent('must not be in the category itself');
  const place = placeUnder(nodes, parentId, heightOf(nodes, node));
  await tx.$executeRaw`
    UPDATE categories SET
      depth = depth + ${place.depth - node.depth}::int,
      parent_depth = CASE WHEN id = ${node.id}::uuid THEN ${place.parentDepth}::int
                          ELSE parent_depth + ${place.depth - node.depth}::int END,
      parent_id = CASE WHEN id = ${node.id}::uuid THEN ${place.parentId}::uuid ELSE parent_id END,
      position = CASE WHEN id = ${node.id}::uuid THEN ${place.position}::int ELSE position END
    WHERE id = ANY(${moved.map(({ id }) => id)}::uuid[])`;
}

const invalidParent = (message: string) => invalidFields([{ field: 'parentId', message }]);
