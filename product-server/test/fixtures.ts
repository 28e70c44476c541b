import { randomBytes } from 'node:crypto';
import { createDatabase, type Database } from '../src/database.ts';

export interface ProductFacts {
  slug: string;
  name?: string;
  brand?: string;
  description?: string;
  rating?: number;
  options?: { name: string; values: string[] }[];
  /** Units of a single SKU, instead of the two there usually are. */
  stock?: number;
  category?: string;
  price?: number;
  listPrice?: number;
  salesCount?: number;
  ageInDays?: number;
  status?: 'DRAFT' | 'ACTIVE' | 'OUT_OF_STOCK' | 'HIDDEN';
}

const DAY = 86_400_000;

/** A small catalogue, written straight to the database. */
export function createFixtures(url: string) {
  const database: Database = createDatabase(url);

  async function image(): Promise<string> {
    const hash = randomBytes(16).toString('hex');
    await database.image.create({ data: { hash, width: 960, height: 960, color: '#c0ffee' } });
    return hash;
  }

  return {
    database,
    image,
    category: async (slug: string, position: number, name = slug) =>
      database.category.create({
        data: { slug, name, description: '', position, imageHash: await image() },
      }),
    banner: async (slug: string, position: number, active: boolean) =>
      database.banner.create({
        data: {
          ...{ slug, position, active, title: slug, subtitle: '', label: '', href: '/', alt: '' },
          ...{ background: '#ffffff', foreground: '#000000', imageHash: await image() },
        },
      }),
    async product(facts: ProductFacts) {
      const { slug, category = 'living', price = 10_000, listPrice = price, status = 'ACTIVE' } = facts;
      const { name = slug, brand = '도아', description = '', rating = null, stock } = facts;
      const options = facts.options ?? [{ name: '색상', values: ['모래', '안개'] }];
      return database.product.create({
        data: {
          ...{ slug, name, brand, description, rating, price, listPrice, status },
          discountRate: Math.floor(((listPrice - price) * 100) / listPrice),
          salesCount: facts.salesCount ?? 0,
          createdAt: new Date(Date.now() - (facts.ageInDays ?? 100) * DAY),
          category: { connect: { slug: category } },
          images: { create: { position: 0, imageHash: await image(), alt: slug } },
          options: { create: options.map((option, position) => ({ ...option, position })) },
          skus: {
            create:
              stock === undefined
                ? [
                    { code: `${slug}-1`, position: 0, values: ['모래'], price, onHand: 10, held: 3 },
                    { code: `${slug}-2`, position: 1, values: ['안개'], price, onHand: 0 },
                  ]
                : [{ code: `${slug}-1`, position: 0, values: [], price, onHand: stock }],
          },
        },
      });
    },
    close: () => database.$disconnect(),
  };
}
