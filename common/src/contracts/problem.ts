import { type Static, Type } from 'typebox';

/** Every code a client can meet; a code is stable, titles and details are not. */
export const PROBLEM_CODES = [
  'AUTH_1001',
  'AUTH_1002',
  'AUTH_1003',
  'AUTH_1004',
  'AUTH_1005',
  'REQ_4000',
  'REQ_4001',
  'REQ_4040',
  'REQ_4050',
  'REQ_4130',
  'REQ_4150',
  'REQ_4220',
  'REQ_4290',
  'IDEM_4000',
  'IDEM_4090',
  'IDEM_4220',
  'IDEM_5030',
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
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof ProblemSchema>;
