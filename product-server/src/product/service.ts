import {
  type ManagedProduct,
  type ManagedProductList,
  ManagedProductSchema,
  type NewProduct,
  type ProductAspect,
  type ProductChanges,
} from '@doa-market/common/contracts';
import { forbidden, notFound, preconditionFailed } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import { trimmed } from '@doa-market/common/validation';
import type { Database, Transaction } from '../database.ts';
import { type Editor, mayEdit } from '../editor.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { recordEvents } from '../outbox/record.ts';
import { changedAspects, isNewVersion } from './aspects.ts';
import {
  type ManagedRow,
  managedInclude,
  managedSummaryInclude,
  toManaged,
  toManagedSummary,
  toState,
} from './managed.ts';
import { merge } from './merge.ts';
import type { ManagedProductQuery } from './schemas.ts';
import { NOTHING } from './state.ts';
import { isListed } from './status.ts';
import { insertProduct, lockProduct, markDeleted, updateProduct } from './store.ts';

const EVERYTHING: ProductAspect[] = ['details', 'price', 'status', 'stock', 'images'];

/** Products as their sellers and administrators write them. */
export function createProductService({
  database,
  idempotency,
}: {
  database: Database;
  idempotency: Idempotency;
}) {
  async function reload(id: string, tx: Transaction): Promise<ManagedRow> {
    return tx.product.findUniqueOrThrow({ where: { id }, include: managedInclude });
  }

  /** @throws {ProblemError} 404 for what the editor cannot see, 403 for what they may not change, 412 */
  async function lockOwn(editor: Editor, idOrSlug: string, versions: number[] | undefined, tx: Transaction) {
    const row = await lockProduct(idOrSlug, tx);
    if (!row) throw notFound('The product');
    if (!mayEdit(editor, row)) throw isListed(row.status) ? forbidden() : notFound('The product');
    if (versions && !versions.includes(row.version)) throw preconditionFailed();
    return row;
  }

  async function createIn(tx: Transaction, editor: Editor, facts: NewProduct): Promise<ManagedProduct> {
    const next = merge(NOTHING, trimmed(facts));
    const row = await reload(await insertProduct(next, editor.sellerId, tx), tx);
    await recordEvents(tx, [productChanged(row, EVERYTHING)]);
    return toManaged(row);
  }

  /** @returns the product, and whether it is another one now */
  async function updateIn(
    tx: Transaction,
    row: ManagedRow,
    changes: ProductChanges,
  ): Promise<{ product: ManagedProduct; isChanged: boolean }> {
    const current = toState(row);
    const next = merge(current, trimmed(changes));
    const aspects = changedAspects(current, next);
    if (aspects.length === 0) return { product: toManaged(row), isChanged: false };
    await updateProduct({ id: row.id, current, next, newVersion: isNewVersion(aspects) }, tx);
    const changed = await reload(row.id, tx);
    await recordEvents(tx, [productChanged(changed, aspects, row)]);
    return { product: toManaged(changed), isChanged: true };
  }

  return {
    createIn,
    updateIn,

    async create(editor: Editor, facts: NewProduct, write?: NamedWrite): Promise<ManagedProduct> {
      const { result } = await idempotency.once(write, ManagedProductSchema, (tx) =>
        createIn(tx, editor, facts),
      );
      return result;
    },

    update(
      editor: Editor,
      idOrSlug: string,
      versions: number[] | undefined,
      changes: ProductChanges,
    ): Promise<ManagedProduct> {
      return database.$transaction(async (tx) => {
        const row = await lockOwn(editor, idOrSlug, versions, tx);
        return (await updateIn(tx, row, changes)).product;
      });
    },

    async remove(editor: Editor, idOrSlug: string, versions: number[] | undefined): Promise<void> {
      await database.$transaction(async (tx) => {
        const row = await lockOwn(editor, idOrSlug, versions, tx);
        await markDeleted(row.id, tx);
        await recordEvents(tx, [productChanged({ ...row, version: row.version + 1 }, ['status'])]);
      });
    },

    /** @throws {ProblemError} 404, also for another seller's */
    async read(editor: Editor, id: string): Promise<ManagedProduct> {
      const row = await database.product.findFirst({
        where: { id, deletedAt: null },
        include: managedInclude,
      });
      if (!row || !mayEdit(editor, row)) throw notFound('The product');
      return toManaged(row);
    },

    /** A page of the editor's own products, the newest first; an administrator's are all there are. */
    async list(editor: Editor, { cursor, limit, status }: ManagedProductQuery): Promise<ManagedProductList> {
      const rows = await database.product.findMany({
        where: {
          deletedAt: null,
          ...(editor.sellerId !== null && { sellerId: editor.sellerId }),
          ...(status && { status }),
          ...(cursor && { id: { lt: cursor } }),
        },
        orderBy: { id: 'desc' },
        take: limit + 1,
        include: managedSummaryInclude,
      });
      const data = rows.slice(0, limit).map(toManagedSummary);
      return { data, meta: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
    },
  };
}
export type ProductService = ReturnType<typeof createProductService>;

function productChanged(row: ManagedRow, aspects: ProductAspect[], before: ManagedRow = row) {
  const { id, slug, version, category } = row;
  return {
    eventType: 'product.changed' as const,
    aggregateType: 'product' as const,
    aggregateId: id,
    version,
    payload: {
      slug,
      ...(before.slug !== slug && { previousSlug: before.slug }),
      categorySlugs: [...new Set([category.slug, before.category.slug])],
      aspects,
    },
  };
}
