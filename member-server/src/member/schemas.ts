import { IdSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';

export const MemberParamsSchema = Type.Object({ id: IdSchema });
