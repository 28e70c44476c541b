import { ServiceTokenSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { Router } from '../http/router.ts';
import { SERVICE_TOKEN_SECONDS, type TokenIssuer } from '../token/issuer.ts';

/** The servers that have /internal endpoints: no service gets a token that is good for an end user's. */
const CALLEES = ['auth-server', 'member-server', 'product-server', 'queue-server', 'bff-server'];

const ServiceTokenRequestSchema = Type.Object(
  { audience: Type.Enum(CALLEES) },
  { additionalProperties: false },
);

export function serviceTokenRoutes(
  router: Router,
  { tokens, checkService }: { tokens: TokenIssuer; checkService: ClientCheck },
) {
  router.add({
    method: 'post',
    path: '/internal/service-tokens',
    operationId: 'createServiceToken',
    summary: "A token with which one server calls another's /internal endpoints",
    tags: ['internal'],
    security: [{ basic: [] }],
    body: ServiceTokenRequestSchema,
    success: { status: 200, schema: ServiceTokenSchema },
    problems: problems(401, 415, 422),
    authenticate: checkService,
    handle: async ({ caller, body }) => ({
      accessToken: await tokens.forService(body.audience, caller),
      expiresIn: SERVICE_TOKEN_SECONDS,
    }),
  });
}
