import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** What product-server sells, written into its database. */
export function createStock(database: pg.Client) {
  const one = async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T> => {
    const { rows } = await database.query<T>(text, values);
    if (!rows[0]) throw new Error(`no row: ${text}`);
    return rows[0];
  };

  return {
    one,
    /** Ids of new SKUs with so many units each. */
    async skus(count: number, units: number): Promise<string[]> {
      const { rows } = await database.query<{ id: string }>(
        `WITH image AS (INSERT INTO images VALUES ($1, 960, 960, '#c0ffee') RETURNING hash),
              category AS (INSERT INTO categories (slug, name, description, position, image_hash)
                           SELECT $2, $2, '', 0, hash FROM image RETURNING id),
              product AS (INSERT INTO products (slug, name, brand, description, category_id, price, list_price,
                                                discount_rate, status, updated_at)
                          SELECT $2, $2, '', '', id, 1000, 1000, 0, 'ACTIVE', now() FROM category RETURNING id),
              cover AS (INSERT INTO product_images (product_id, position, image_hash, alt)
                        SELECT product.id, 0, hash, '' FROM product, image)
         INSERT INTO skus (code, product_id, position, values, price, on_hand)
         SELECT $2 || '-' || position, product.id, position, '{}', 1000, $4
         FROM product, generate_series(1, $3) AS position RETURNING id`,
        [randomUUID().replaceAll('-', ''), `bench-${randomUUID()}`, count, units],
      );
      return rows.map(({ id }) => id);
    },
    /** A new event with so many seats, on sale. */
    async event(seats: number): Promise<{ id: string; seatIds: string[] }> {
      const { id } = await one<{ id: string }>(
        `WITH venue AS (INSERT INTO venues (slug, name, address) VALUES ($1, '', '') RETURNING id),
              hall AS (INSERT INTO halls (venue_id, name) SELECT id, '' FROM venue RETURNING id)
         INSERT INTO events (slug, title, artist, description, hall_id, starts_at, duration, sale_opens_at,
                             sale_closes_at, status)
         SELECT $1, '', '', '', id, now() + interval '9 days', 100, now() - interval '1 day',
                now() + interval '8 days', 'PUBLISHED' FROM hall RETURNING id`,
        [`bench-${randomUUID()}`],
      );
      await database.query("INSERT INTO event_grades VALUES ($1, 'R', 'R석', 0, 1000)", [id]);
      const { rows } = await database.query<{ id: string }>(
        `INSERT INTO seats (event_id, position, section, row, number, grade, x, y, price)
         SELECT $1, position, '', '', position + 1, 'R', 0, 0, 1000 FROM generate_series(0, $2 - 1) AS position
         RETURNING id`,
        [id, seats],
      );
      return { id, seatIds: rows.map((row) => row.id) };
    },
  };
}
export type Stock = ReturnType<typeof createStock>;
