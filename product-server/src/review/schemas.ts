import { IdSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';

export const ReviewParamsSchema = Type.Object({ id: IdSchema });

export const LatestReviewsQuerySchema = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 20, default: 6 }) },
  { additionalProperties: false },
);
