import {
  type CategoryChanges,
  type CategoryOrder,
  type ManagedCategory,
  ManagedCategorySchema,
  type NewCategory,
} from '@doa-market/common/contracts';
import { conflict, invalidFields, notFound, preconditionFailed } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import { trimmed } from '@doa-market/common/validation';
import { type Database, orConflict, type Transaction } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { assertUploaded, hashIn } from '../image/reference.ts';
import { recordEvents } from '../outbox/record.ts';
import { isId } from '../product/id.ts';
import { type CategoryRow, readCategories, toManagedCategory } from './managed.ts';
import { moveCategory, placeUnder } from './placing.ts';
import { childrenOf } from './tree.ts';

const SLUG_TAKEN = 'Another category has this slug.';

/** The tree of categories as administrators write it. */
export function createCategoryService({
  database,
  idempotency,
}: {
  database: Database;
  idempotency: Idempotency;
}) {
  /** One change of the tree at a time: where there is room is a question about all of it. */
  async function lockTree(tx: Transaction): Promise<CategoryRow[]> {
    await tx.$executeRaw`LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE`;
    return readCategories(tx);
  }

  async function lockOne(id: string, versions: number[] | undefined, tx: Transaction) {
    const nodes = await lockTree(tx);
    const node = nodes.find((it) => it.id === id);
    if (!node) throw notFound('The category');
    if (versions && !versions.includes(node.version)) throw preconditionFailed();
    return { nodes, node };
  }

  async function reload(id: string, tx: Transaction): Promise<CategoryRow> {
    return tx.category.findUniqueOrThrow({ where: { id }, include: { image: true } });
  }

  return {
    async list(): Promise<ManagedCategory[]> {
      return (await readCategories(database)).map(toManagedCategory);
    },

    async create(facts: NewCategory, write?: NamedWrite): Promise<ManagedCategory> {
      const { result } = await idempotency.once(write, ManagedCategorySchema, async (tx) => {
        const { image, parentId = null, ...rest } = trimmed(facts);
        const nodes = await lockTree(tx);
        assertSlug(rest.slug);
        await assertUploaded([{ hash: hashIn(image), field: 'image' }], tx);
        const place = placeUnder(nodes, parentId, 1);
        const data = { ...rest, imageHash: hashIn(image), ...place };
        const { id } = await orConflict(tx.category.create({ data }), SLUG_TAKEN);
        const row = await reload(id, tx);
        await recordEvents(tx, [categoryChanged(row)]);
        return toManagedCategory(row);
      });
      return result;
    },

    update(id: string, versions: number[] | undefined, changes: CategoryChanges): Promise<ManagedCategory> {
      return database.$transaction(async (tx) => {
        const { nodes, node } = await lockOne(id, versions, tx);
        const { image, parentId, ...rest } = trimmed(changes);
        if (rest.slug !== undefined) assertSlug(rest.slug);
        if (image !== undefined) await assertUploaded([{ hash: hashIn(image), field: 'image' }], tx);
        if (parentId !== undefined && parentId !== node.parentId)
          await moveCategory(nodes, node, parentId, tx);
        const data = { ...rest, ...(image !== undefined && { imageHash: hashIn(image) }) };
        const change = tx.category.update({ where: { id }, data: { ...data, version: { increment: 1 } } });
        await orConflict(change, SLUG_TAKEN);
        const row = await reload(id, tx);
        await recordEvents(tx, [categoryChanged(row, node.slug)]);
        return toManagedCategory(row);
      });
    },

    /** @throws {ProblemError} 404, 412, 409 while products or other categories are in it */
    async remove(id: string, versions: number[] | undefined): Promise<void> {
      await database.$transaction(async (tx) => {
        const { nodes, node } = await lockOne(id, versions, tx);
        if (childrenOf(nodes, id).length > 0) throw conflict('Other categories are in it.');
        // Those who put a product into it hold this lock until the product can be seen.
        await tx.$queryRaw`SELECT FROM categories WHERE id = ${id}::uuid FOR UPDATE`;
        const products = await tx.product.count({ where: { categoryId: id, deletedAt: null } });
        if (products > 0) throw conflict(`${products} products are in it.`);
        await tx.category.update({
          where: { id },
          data: {
            ...{ slug: id, active: false, deletedAt: new Date() },
            ...{ parentId: null, parentDepth: null, depth: 1, version: { increment: 1 } },
          },
        });
        await recordEvents(tx, [categoryChanged({ ...node, version: node.version + 1 })]);
      });
    },

    /** @throws {ProblemError} 409 when the ids are not those of the parent's children as they are now */
    reorder({ parentId, ids }: CategoryOrder): Promise<ManagedCategory[]> {
      return database.$transaction(async (tx) => {
        const siblings = childrenOf(await lockTree(tx), parentId);
        if (siblings.length !== ids.length || !siblings.every(({ id }) => ids.includes(id))) {
          throw conflict('These are not all categories of that parent, or not of it alone.');
        }
        const moved = siblings.filter(({ id, position }) => ids.indexOf(id) !== position);
        for (const { id } of moved) {
          const data = { position: ids.indexOf(id), version: { increment: 1 } };
          await tx.category.update({ where: { id }, data });
        }
        await recordEvents(
          tx,
          moved.map((row) => categoryChanged({ ...row, version: row.version + 1 })),
        );
        return childrenOf(await readCategories(tx), parentId).map(toManagedCategory);
      });
    },
  };
}
export type CategoryService = ReturnType<typeof createCategoryService>;

/** A deleted category has its id for a slug. @throws {ProblemError} 422 */
function assertSlug(slug: string): void {
  if (isId(slug)) throw invalidFields([{ field: 'slug', message: 'must not have the form of an id' }]);
}

function categoryChanged({ id, slug, version }: CategoryRow, slugBefore = slug) {
  return {
    eventType: 'category.changed' as const,
    aggregateType: 'category' as const,
    aggregateId: id,
    version,
    payload: { slug, ...(slugBefore !== slug && { previousSlug: slugBefore }) },
  };
}
