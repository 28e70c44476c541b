import type { ManagedCategory } from '@doa-market/common/contracts';
import type { Transaction } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';

const include = { image: true } satisfies Prisma.CategoryInclude;
export type CategoryRow = Prisma.CategoryGetPayload<{ include: typeof include }>;

/** All categories, the upper ones first, siblings in their order. */
export const readCategories = (tx: Transaction): Promise<CategoryRow[]> =>
  tx.category.findMany({
    where: { deletedAt: null },
    orderBy: [{ depth: 'asc' }, { position: 'asc' }, { id: 'asc' }],
    include,
  });

export function toManagedCategory(row: CategoryRow): ManagedCategory {
  const { id, slug, name, description, image, parentId, depth, position, active, version } = row;
  return {
    ...{ id, slug, name, description, image: toImage(image, name) },
    ...{ parentId, depth, position, active, version },
  };
}
