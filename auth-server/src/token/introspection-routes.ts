import type { AccessClaims, TokenVerifier } from '@doa-market/common/auth';
import { IdSchema, RoleSchema } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import { type Static, Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { Router } from '../http/router.ts';

/** Any text is looked at; the longest token of ours is far below. */
const TokenSchema = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 8_192 }) },
  { additionalProperties: false },
);

const optional = Type.Optional;
const MomentSchema = Type.Integer({ description: 'seconds since the epoch' });
const IntrospectionSchema = Type.Object({
  active: Type.Boolean({ description: 'when false, nothing else is said' }),
  tokenType: optional(Type.Literal('Bearer')),
  iss: optional(Type.String()),
  aud: optional(Type.String()),
  sub: optional(IdSchema),
  sid: optional(IdSchema),
  jti: optional(IdSchema),
  role: optional(RoleSchema),
  iat: optional(MomentSchema),
  exp: optional(MomentSchema),
});
type Introspection = Static<typeof IntrospectionSchema>;

interface Dependencies {
  issuer: string;
  /** Of end users' tokens alone: what servers say to each other is nobody's business. */
  verifyToken: TokenVerifier;
  checkClient: ClientCheck;
}

export function introspectionRoutes(router: Router, { issuer, verifyToken, checkClient }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/verify',
    operationId: 'introspectToken',
    summary: 'Whether an access token is good now, and what it says (RFC 7662)',
    tags: ['tokens'],
    security: [{ basic: [] }],
    body: TokenSchema,
    success: { status: 200, schema: IntrospectionSchema },
    problems: problems(401, 415, 422),
    authenticate: checkClient,
    async handle({ body }): Promise<Introspection> {
      const claims = await verifyToken(body.token).catch(refused);
      if (!claims || claims.role === 'SERVICE') return { active: false };
      const { aud, sub, sid, jti, role, iat, exp } = claims;
      return {
        active: true,
        tokenType: 'Bearer',
        iss: issuer,
        aud,
        sub,
        ...(sid && { sid }),
        jti,
        role,
        iat,
        exp,
      };
    },
  });
}

/** Why a token is not good is never said. */
function refused(error: unknown): AccessClaims | undefined {
  if (error instanceof ProblemError && error.status === 401) return undefined;
  throw error;
}
