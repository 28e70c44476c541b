import { AccessTokenSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { Router } from '../http/router.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import type { Visitors } from './visitor.ts';

const GuestSchema = Type.Object(
  {
    visitorId: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{22,43}$',
        description: 'random and secret; the same visitor is the same guest with it',
      }),
    ),
  },
  { additionalProperties: false },
);

export function guestRoutes(
  router: Router,
  { tokens, subjectOf, checkClient }: { tokens: TokenIssuer; subjectOf: Visitors; checkClient: ClientCheck },
) {
  router.add({
    method: 'post',
    path: '/api/auth/guest',
    operationId: 'createGuestToken',
    summary: 'A token for a visitor who has not signed in',
    tags: ['tokens'],
    security: [{ basic: [] }],
    body: GuestSchema,
    bodyRequired: false,
    success: { status: 201, schema: AccessTokenSchema },
    problems: problems(401, 415, 422),
    example: { body: { visitorId: 'qL7Yc0Xn2mB4vT9sKe1RwA' } },
    authenticate: checkClient,
    handle: ({ body }) => tokens.forGuest(subjectOf(body.visitorId)),
  });
}
