import type { Category } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { ImageModel } from '../generated/prisma/models.ts';
import { toImage } from '../image/image.ts';
import { LISTED } from '../product/status.ts';
import { childrenOf, type Node, shown, withDescendants } from './tree.ts';

export function createCategoryRepository(database: Database) {
  return {
    /** The tree in the order of the shop, each with the number of products that it and those in it list. */
    async list(): Promise<Category[]> {
      const rows = await database.category.findMany({
        where: { deletedAt: null },
        orderBy: [{ position: 'asc' }, { id: 'asc' }],
        include: { image: true, _count: { select: { products: { where: { status: { in: LISTED } } } } } },
      });
      const nodes = shown(rows.map(({ _count, ...row }) => ({ ...row, listed: _count.products })));
      return childrenOf(nodes, null).map((node) => toCategory(node, nodes));
    },

    /** The ids of a category and of all below it; none where it is not shown. */
    async idsWithin(slug: string): Promise<string[]> {
      const nodes = shown(
        await database.category.findMany({
          where: { deletedAt: null },
          select: { id: true, slug: true, parentId: true, active: true },
        }),
      );
      const node = nodes.find((it) => it.slug === slug);
      return node ? withDescendants(nodes, node).map(({ id }) => id) : [];
    },
  };
}
export type CategoryRepository = ReturnType<typeof createCategoryRepository>;

interface Row extends Node {
  name: string;
  description: string;
  image: ImageModel;
  listed: number;
}

function toCategory(row: Row, nodes: readonly Row[]): Category {
  const { id, slug, name, description } = row;
  const children = childrenOf(nodes, id).map((child) => toCategory(child, nodes));
  return {
    ...{ id, slug, name, description, image: toImage(row.image, name) },
    productCount: withDescendants(nodes, row).reduce((sum, { listed }) => sum + listed, 0),
    ...(children.length > 0 && { children }),
  };
}
