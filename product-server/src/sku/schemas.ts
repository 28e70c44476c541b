import { IdsParameter, MAX_BATCH } from '@doa-market/common/contracts';
import { Type } from 'typebox';

export const SkuQuerySchema = Type.Object({ ids: IdsParameter(MAX_BATCH) }, { additionalProperties: false });
