import type { ProductDetail, ProductList } from '@doa-market/common/contracts';
import type { CategoryRepository } from '../category/repository.ts';
import type { Database } from '../database.ts';
import type { Editor } from '../editor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { countProducts, createCounts } from './counts.ts';
import { isId } from './id.ts';
import { readPage } from './page.ts';
import { detailInclude, type ProductPreview, toDetail, toPreview } from './presentation.ts';
import type { ProductQuery } from './schemas.ts';
import { isListed, LISTED } from './status.ts';

export function createProductRepository(database: Database, categories: CategoryRepository) {
  const counts = createCounts((where) => countProducts(database, where));
  return {
    /** One page of the listed products. */
    async paginate(query: ProductQuery): Promise<ProductList> {
      const within = query.category === undefined ? undefined : await categories.idsWithin(query.category);
      return readPage(database, counts, query, within);
    },

    /** A listed product; to those who may edit it one of any status; null where there is none. */
    async findByIdOrSlug(idOrSlug: string, editor?: Editor): Promise<FoundProduct | null> {
      const row = await database.product.findFirst({
        where: { ...visibleTo(editor), ...(isId(idOrSlug) ? { id: idOrSlug } : { slug: idOrSlug }) },
        include: detailInclude,
      });
      if (!row) return null;
      const now = new Date();
      if (isListed(row.status)) return { listed: true, version: row.version, product: toDetail(row, now) };
      return { listed: false, version: row.version, product: toPreview(row, now) };
    },

    /** What is the slug now of the product that once had this one; null where there is none. */
    async findNewSlug(slug: string, editor?: Editor): Promise<string | null> {
      const former = await database.formerSlug.findFirst({
        where: { slug, product: visibleTo(editor) },
        select: { product: { select: { slug: true } } },
      });
      return former?.product.slug ?? null;
    },
  };
}
export type ProductRepository = ReturnType<typeof createProductRepository>;

export type FoundProduct = { version: number } & (
  | { listed: true; product: ProductDetail }
  | { listed: false; product: ProductPreview }
);

function visibleTo(editor: Editor | undefined): Prisma.ProductWhereInput {
  const listed = { status: { in: LISTED } };
  if (!editor) return listed;
  if (editor.sellerId === null) return { deletedAt: null };
  return { OR: [listed, { deletedAt: null, sellerId: editor.sellerId }] };
}
