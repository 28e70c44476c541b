import type { SkuOffer } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { toImage } from '../image/image.ts';
import { LISTED } from '../product/status.ts';

interface Row {
  id: string;
  code: string;
  values: string[];
  price: number;
  stock: number;
  available: boolean;
  options: string[];
  productId: string;
  slug: string;
  name: string;
  brand: string;
  hash: string;
  width: number;
  height: number;
  color: string;
  alt: string;
}

export function createSkuRepository(database: Database) {
  return {
    /** The SKUs of listed products among `ids`, with what a cart shows of them, in one round trip. */
    async listOffers(ids: string[]): Promise<SkuOffer[]> {
      const rows = await database.$queryRaw<Row[]>`
        SELECT sku.id, sku.code, sku.values, sku.price, sku.on_hand - sku.held AS stock,
               product.status = 'ACTIVE' AND sku.on_hand > sku.held AS available,
               ARRAY(SELECT name FROM product_options WHERE product_id = product.id ORDER BY position) AS options,
               product.id AS "productId", product.slug, product.name, product.brand,
               image.hash, image.width, image.height, image.color, cover.alt
        FROM skus sku
        JOIN products product ON product.id = sku.product_id
        JOIN LATERAL (
          SELECT image_hash, alt FROM product_images WHERE product_id = product.id ORDER BY position LIMIT 1
        ) cover ON true
        JOIN images image ON image.hash = cover.image_hash
        WHERE sku.id = ANY(${ids}::uuid[]) AND sku.deleted_at IS NULL AND product.status::text = ANY(${LISTED})`;
      return rows.map(toOffer);
    },
  };
}
export type SkuRepository = ReturnType<typeof createSkuRepository>;

const toOffer = (row: Row): SkuOffer => ({
  id: row.id,
  code: row.code,
  values: row.values,
  price: row.price,
  stock: row.stock,
  status: row.available ? 'ACTIVE' : 'OUT_OF_STOCK',
  options: row.options,
  product: {
    id: row.productId,
    slug: row.slug,
    name: row.name,
    brand: row.brand,
    image: toImage(row, row.alt),
  },
});
