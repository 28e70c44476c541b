import { type Static, Type } from 'typebox';
import { UnavailableItemSchema } from './inventory.ts';

/**
 * Every code a client can meet; a code is stable, titles and details are not.
 * AUTH: 1001 no token, 1002 bad token, 1003 role, 1004 wrong email or password, 1005 session ended, 1006 link or code
 * used up or expired, 1007 bot check, 1008 cross-site request, 1009 refresh token.
 * INV: 4090 not enough left (`unavailable` names what), 4091 hold is over, 4092 hold is sold, 4093 not on sale.
 * QUE: 4030 queue token, 4040 no waiting room, 4041 no place in it, 4090 a place in another one, 4100 sold out, 4290
 * polled too early, 5030 full. ORD: 4090 not in this state, 4091 the price has changed, 4092 not to be cancelled any more,
 * 4093 another order of this admission is open. PAY: 4000 bad webhook, 4090 not to be paid in this state, 4091 being paid.
 * REQ_4030 not the caller's to do, whatever the token; 4090 conflict, 4100 gone, 4120 If-Match failed, 4280 If-Match missing; the others are named after their status.
 */
export const PROBLEM_CODES = [
  'AUTH_1001',
  'AUTH_1002',
  'AUTH_1003',
  'AUTH_1004',
  'AUTH_1005',
  'AUTH_1006',
  'AUTH_1007',
  'AUTH_1008',
  'AUTH_1009',
  'REQ_4000',
  'REQ_4001',
  'REQ_4030',
  'REQ_4040',
  'REQ_4050',
  'REQ_4090',
  'REQ_4100',
  'REQ_4120',
  'REQ_4130',
  'REQ_4150',
  'REQ_4220',
  'REQ_4280',
  'REQ_4290',
  'IDEM_4000',
  'IDEM_4090',
  'IDEM_4220',
  'IDEM_5030',
  'INV_4090',
  'INV_4091',
  'INV_4092',
  'INV_4093',
  'QUE_4030',
  'QUE_4040',
  'QUE_4041',
  'QUE_4090',
  'QUE_4100',
  'QUE_4290',
  'QUE_5030',
  'ORD_4090',
  'ORD_4091',
  'ORD_4092',
  'ORD_4093',
  'PAY_4000',
  'PAY_4090',
  'PAY_4091',
  'SYS_5000',
  'SYS_5002',
  'SYS_5003',
  'SYS_5004',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** A problem document (RFC 9457), served as application/problem+json. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.Enum([...PROBLEM_CODES]),
    requestId: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
    unavailable: Type.Optional(Type.Array(UnavailableItemSchema)),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof ProblemSchema>;
