import pg from 'pg';

/** The catalogue as a seller's change leaves it, for those who measure and test what comes of one. */
export function openCatalogue(databaseUrl: string) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // A database that is stopped is a test's own doing; the next query says so.
  pool.on('error', () => undefined);

  return {
    /** A product's price, KRW, and its event, in one statement and so in one transaction. */
    async changePrice(slug: string, price: number): Promise<void> {
      const { rowCount } = await pool.query(
        `WITH changed AS (
           UPDATE products SET price = $2, list_price = $2, discount_rate = 0, version = version + 1, updated_at = now()
           WHERE slug = $1 RETURNING id, version, category_id
         ), offered AS (
           UPDATE skus SET price = $2 WHERE product_id IN (SELECT id FROM changed)
         )
         INSERT INTO outbox_events (event_type, version, aggregate_type, aggregate_id, correlation_id, payload)
         SELECT 'product.changed', changed.version, 'product', changed.id, 'change-price', jsonb_build_object(
           'slug', $1::text, 'categorySlugs', jsonb_build_array(categories.slug), 'aspects', '["price"]'::jsonb)
         FROM changed JOIN categories ON categories.id = changed.category_id`,
        [slug, price],
      );
      if (rowCount !== 1) throw new Error(`there is no product ${slug}`);
    },
    /** The products, those of one category together, with what they cost. */
    async products(): Promise<{ slug: string; category: string; price: number }[]> {
      const { rows } = await pool.query<{ slug: string; category: string; price: number }>(
        `SELECT products.slug, categories.slug AS category, price FROM products
         JOIN categories ON categories.id = category_id WHERE status = 'ACTIVE' ORDER BY category_id, products.id`,
      );
      return rows;
    },
    /** Milliseconds since the last event left the outbox; undefined while one is in it, or where none was sent. */
    async quietFor(): Promise<number | undefined> {
      const { rows } = await pool.query<{ quiet: number | null }>(
        `SELECT extract(epoch FROM now() - max(sent_at))::float8 * 1000 AS quiet FROM sent_events
         WHERE NOT EXISTS (SELECT FROM outbox_events)`,
      );
      return rows[0]?.quiet ?? undefined;
    },
    close: () => pool.end(),
  };
}
