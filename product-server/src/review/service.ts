import {
  type NewReview,
  type OwnReview,
  OwnReviewSchema,
  type ReviewChanges,
  type ReviewHighlight,
  type ReviewList,
  type ReviewQuery,
} from '@doa-market/common/contracts';
import { notFound, ProblemError } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import { trimmed } from '@doa-market/common/validation';
import { orConflict, type Transaction } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import type { Purchases } from '../upstream/purchases.ts';
import { toHighlight, toOwnReview, toReview, toSummary } from './presentation.ts';
import type { ReviewRepository } from './repository.ts';

const notBought = () => new ProblemError(403, 'REQ_4030', 'Only who has bought the product may review it.');

interface Parts {
  reviews: ReviewRepository;
  purchases: Purchases;
  idempotency: Idempotency;
}

/** What buyers say of products. Ratings follow by themselves: the database notes every change (rating_changes). */
export function createReviewService({ reviews, purchases, idempotency }: Parts) {
  /** @throws {ProblemError} 404 */
  async function productOf(idOrSlug: string) {
    const product = await reviews.findProduct(idOrSlug);
    if (!product) throw notFound('The product');
    return product;
  }

  return {
    async list(idOrSlug: string, query: ReviewQuery): Promise<ReviewList> {
      const product = await productOf(idOrSlug);
      const rows = await reviews.listPublished(product.id, query);
      const { limit } = query;
      const data = rows.slice(0, limit).map(toReview);
      const last = data.at(-1);
      const nextCursor = rows.length > limit && last ? `${last.rating}.${last.id}` : null;
      return { data, summary: toSummary(product.stars), meta: { limit, nextCursor } };
    },

    async listLatest(limit: number): Promise<ReviewHighlight[]> {
      return (await reviews.listLatest(limit)).map(toHighlight);
    },

    /** @throws {ProblemError} 404 */
    async findOwn(idOrSlug: string, memberId: string): Promise<OwnReview> {
      const own = await reviews.findOwn((await productOf(idOrSlug)).id, memberId);
      if (!own) throw notFound('The review');
      return toOwnReview(own);
    },

    /** @throws {ProblemError} 404, 403 for who has not bought it, 409 for a second one, 503 where nobody can tell */
    async create(
      idOrSlug: string,
      memberId: string,
      review: NewReview,
      write: NamedWrite | undefined,
    ): Promise<OwnReview> {
      const { id: productId } = await productOf(idOrSlug);
      if (!(await purchases.has(memberId, productId))) throw notBought();
      const insert = async (tx?: Transaction) =>
        toOwnReview(await reviews.create(productId, memberId, trimmed(review), tx));
      // Without a name it is one statement, which needs no transaction of its own.
      const written = write
        ? idempotency.once(write, OwnReviewSchema, insert).then(({ result }) => result)
        : insert();
      return orConflict(written, 'The product has a review by this member.');
    },

    /** @throws {ProblemError} 404, also for another member's */
    async update(id: string, memberId: string, changes: ReviewChanges): Promise<OwnReview> {
      const row = await reviews.update(id, memberId, trimmed(changes));
      if (!row) throw notFound('The review');
      return toOwnReview(row);
    },

    /** @throws {ProblemError} 404, also for another member's */
    async remove(id: string, memberId: string): Promise<void> {
      if (!(await reviews.remove(id, memberId))) throw notFound('The review');
    },

    /** @throws {ProblemError} 404 */
    async setStatus(id: string, status: OwnReview['status']): Promise<OwnReview> {
      const row = await reviews.setStatus(id, status);
      if (!row) throw notFound('The review');
      return toOwnReview(row);
    },
  };
}
export type ReviewService = ReturnType<typeof createReviewService>;
