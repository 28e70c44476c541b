import { invalidFields } from '@doa-market/common/errors';
import { orConflict, type Transaction } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { assertUploaded } from '../image/reference.ts';
import { isId } from './id.ts';
import { type ManagedRow, managedInclude } from './managed.ts';
import type { ProductState, SkuState } from './state.ts';

/** How a product's rows are changed; every verb is part of the caller's transaction. */

/** The product once nobody else is changing it or its stock; null where it is deleted or never was. */
export async function lockProduct(idOrSlug: string, tx: Transaction): Promise<ManagedRow | null> {
  const named = isId(idOrSlug) ? Prisma.sql`id = ${idOrSlug}::uuid` : Prisma.sql`slug = ${idOrSlug}`;
  const [found] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM products WHERE ${named} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (!found) return null;
  // In the order in which those who hold stock lock it.
  await tx.$queryRaw`SELECT FROM skus WHERE product_id = ${found.id}::uuid ORDER BY id FOR NO KEY UPDATE`;
  return tx.product.findUnique({ where: { id: found.id }, include: managedInclude });
}

/** The id of the category; until the end of `tx` nobody deletes it. @throws {ProblemError} 422 */
export async function lockCategory(slug: string, tx: Transaction): Promise<string> {
  const [found] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM categories WHERE slug = ${slug} AND deleted_at IS NULL FOR SHARE`;
  if (!found) throw invalidFields([{ field: 'category', message: 'must be a category' }]);
  return found.id;
}

/** @throws {ProblemError} 409 when another product has the slug or the code of a SKU, 422 for an unknown picture */
export async function insertProduct(
  next: ProductState,
  sellerId: string | null,
  tx: Transaction,
): Promise<string> {
  await assertPictures(next, tx);
  const data = { ...(await columnsOf(next, tx)), sellerId };
  const { id } = await orConflict(tx.product.create({ data }), SLUG_TAKEN);
  await endFormerSlug(next.slug, tx);
  await writeParts(id, next, [], tx);
  return id;
}

interface Update {
  id: string;
  current: ProductState;
  next: ProductState;
  newVersion: boolean;
}

/** @throws {ProblemError} as insertProduct */
export async function updateProduct({ id, current, next, newVersion }: Update, tx: Transaction) {
  await assertPictures(next, tx);
  const data = { ...(await columnsOf(next, tx)), ...(newVersion && { version: { increment: 1 } }) };
  await orConflict(tx.product.update({ where: { id }, data }), SLUG_TAKEN);
  if (current.slug !== next.slug) {
    await endFormerSlug(next.slug, tx);
    await keepFormerSlug(current.slug, id, tx);
  }
  await tx.productImage.deleteMany({ where: { productId: id } });
  await tx.productOption.deleteMany({ where: { productId: id } });
  const kept = next.skus.flatMap((sku) => sku.id ?? []);
  await tx.sku.updateMany({
    where: { productId: id, deletedAt: null, id: { notIn: kept } },
    data: { deletedAt: new Date() },
  });
  await writeParts(id, next, current.skus, tx);
}

/** Its rows stay, for what is held of it and for the orders that name it; its names are free again. */
export async function markDeleted(id: string, tx: Transaction): Promise<void> {
  const deletedAt = new Date();
  await tx.product.update({
    where: { id },
    data: { deletedAt, status: 'HIDDEN', version: { increment: 1 } },
  });
  await tx.sku.updateMany({ where: { productId: id, deletedAt: null }, data: { deletedAt } });
  await tx.formerSlug.deleteMany({ where: { productId: id } });
}

const SLUG_TAKEN = 'Another product has this slug.';

async function columnsOf(next: ProductState, tx: Transaction) {
  const { slug, name, brand, description, price, listPrice, status } = next;
  const discountRate = listPrice === 0 ? 0 : Math.floor(((listPrice - price) * 100) / listPrice);
  const categoryId = await lockCategory(next.category, tx);
  return {
    ...{ slug, name, brand, description, price, listPrice, discountRate, status, categoryId },
  } satisfies Prisma.ProductUncheckedCreateInput;
}

async function writeParts(
  productId: string,
  { pictures, options, skus }: ProductState,
  skusBefore: readonly SkuState[],
  tx: Transaction,
): Promise<void> {
  await tx.productImage.createMany({
    data: pictures.map(({ hash, alt }, position) => ({ productId, position, imageHash: hash, alt })),
  });
  await tx.productOption.createMany({
    data: options.map((option, position) => ({ productId, position, ...option })),
  });
  await writeSkus(productId, skus, skusBefore, tx);
}

async function writeSkus(
  productId: string,
  skus: readonly SkuState[],
  before: readonly SkuState[],
  tx: Transaction,
): Promise<void> {
  const placed = skus.map((sku, position) => ({ ...sku, position }));
  // `held` is not written: it belongs to the holds.
  for (const { id, code, values, price, onHand, position } of placed) {
    const { [position]: was } = before;
    const same = was?.code === code && was.price === price && was.onHand === onHand;
    if (id === undefined || (was?.id === id && same)) continue;
    const data = { code, values, price, onHand, position };
    await orConflict(tx.sku.update({ where: { id }, data }), codeTaken(code));
  }
  const fresh = placed.filter(({ id }) => id === undefined);
  const data = fresh.map(({ code, values, price, onHand, position }) => ({
    ...{ productId, code, values, price, onHand, position },
  }));
  await orConflict(tx.sku.createMany({ data }), codeTaken(...data.map(({ code }) => code)));
}

const codeTaken = (...codes: string[]) =>
  `Another SKU has one of these codes: ${codes.slice(0, 5).join(', ')}.`;

/** Who has a slug now wins over who had it before. */
async function endFormerSlug(slug: string, tx: Transaction): Promise<void> {
  await tx.formerSlug.deleteMany({ where: { slug } });
}

/** Former slugs name the product, not its next slug: there are no chains, and no loops. */
async function keepFormerSlug(slug: string, productId: string, tx: Transaction): Promise<void> {
  await tx.formerSlug.upsert({ where: { slug }, create: { slug, productId }, update: { productId } });
}

const assertPictures = ({ pictures }: ProductState, tx: Transaction): Promise<void> =>
  assertUploaded(
    pictures.map(({ hash }, at) => ({ hash, field: `images.${at}.url` })),
    tx,
  );
