import type { Category } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { toImage } from '../image/image.ts';
import { LISTED } from '../product/status.ts';

export function createCategoryRepository(database: Database) {
  return {
    /** All categories in the order of the shop, each with the number of products it lists. */
    async list(): Promise<Category[]> {
      const categories = await database.category.findMany({
        orderBy: { position: 'asc' },
        include: { image: true, _count: { select: { products: { where: { status: { in: LISTED } } } } } },
      });
      return categories.map((it) => ({
        id: it.id,
        slug: it.slug,
        name: it.name,
        description: it.description,
        image: toImage(it.image, it.name),
        productCount: it._count.products,
      }));
    },
  };
}
export type CategoryRepository = ReturnType<typeof createCategoryRepository>;
