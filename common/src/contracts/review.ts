import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, PageQuerySchema, SlugSchema } from './atoms.ts';
import { ImageSchema } from './catalogue.ts';

const strict = { additionalProperties: false };

export const StarsSchema = Type.Integer({ minimum: 1, maximum: 5, examples: [5] });

/** Something that can be seen, and no control characters. */
const line = (maxLength: number, example: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\P{Cc}*[^\\s\\p{Cc}]\\P{Cc}*$', examples: [example] });

/** The same over several lines. */
const text = (maxLength: number, example: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^(?:\\P{Cc}|\\n)*[^\\s\\p{Cc}](?:\\P{Cc}|\\n)*$',
    examples: [example],
  });

const fields = {
  rating: StarsSchema,
  title: line(100, '매일 쓰게 되는 조명'),
  body: text(2_000, '빛이 부드럽고 밤에 눈이 편해요.'),
  author: line(20, '도아'),
};

export const ReviewStatusSchema = Type.Enum(['PUBLISHED', 'HIDDEN']);

export const ReviewSchema = Type.Object({
  id: IdSchema,
  ...fields,
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
});
export type Review = Static<typeof ReviewSchema>;

/** As its writer and an administrator see it: HIDDEN by an administrator it is shown to nobody else. */
export const OwnReviewSchema = Type.Interface([ReviewSchema], {
  productId: IdSchema,
  status: ReviewStatusSchema,
});
export type OwnReview = Static<typeof OwnReviewSchema>;

/** `POST /api/v1/products/:idOrSlug/reviews`: by a buyer of it, once. `author` is a name that they choose. */
export const NewReviewSchema = Type.Object(fields, strict);
export type NewReview = Static<typeof NewReviewSchema>;

/** `PATCH /api/v1/reviews/:id`: what is not named stays. */
export const ReviewChangesSchema = Type.Partial(NewReviewSchema, { ...strict, minProperties: 1 });
export type ReviewChanges = Static<typeof ReviewChangesSchema>;

/** `PUT /api/v1/reviews/:id/status`, by administrators. */
export const ReviewVisibilitySchema = Type.Object({ status: ReviewStatusSchema }, strict);

/** What all published reviews of a product say together; at most a second behind them. */
export const RatingSummarySchema = Type.Object({
  average: Type.Union([Type.Number({ minimum: 1, maximum: 5 }), Type.Null()], {
    description: 'with one decimal; null without a review',
  }),
  count: Type.Integer({ minimum: 0 }),
  stars: Type.Array(Type.Integer({ minimum: 0 }), {
    minItems: 5,
    maxItems: 5,
    description: 'how many gave one star, two, and so on',
  }),
});
export type RatingSummary = Static<typeof RatingSummarySchema>;

/** The rating and the id of the last review of a page. */
const CURSOR = '^[1-5]\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** `GET /api/v1/products/:idOrSlug/reviews` */
export const ReviewQuerySchema = Type.Object(
  {
    sort: Type.Enum(['newest', 'rating'], { default: 'newest', description: 'rating: the best first' }),
    cursor: Type.Optional(
      Type.String({
        pattern: CURSOR,
        description: 'nextCursor of the page before',
        examples: ['4.0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90'],
      }),
    ),
    limit: PageQuerySchema.properties.limit,
  },
  strict,
);
export type ReviewQuery = Static<typeof ReviewQuerySchema>;

export const ReviewListSchema = Type.Object({
  data: Type.Array(ReviewSchema),
  summary: RatingSummarySchema,
  meta: Type.Object({
    limit: Type.Integer({ minimum: 1 }),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
});
export type ReviewList = Static<typeof ReviewListSchema>;

/** A review beside the product that it is of: what a page shows that is not the product's own. */
export const ReviewHighlightSchema = Type.Interface([ReviewSchema], {
  product: Type.Object({ slug: SlugSchema, name: Type.String(), image: ImageSchema }),
});
export type ReviewHighlight = Static<typeof ReviewHighlightSchema>;

/** `GET /api/v1/reviews`: the latest of all products. */
export const ReviewHighlightListSchema = Type.Object({ data: Type.Array(ReviewHighlightSchema) });
