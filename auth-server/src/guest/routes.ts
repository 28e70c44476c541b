import { AccessTokenSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { v7 as uuidv7 } from 'uuid';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { Router } from '../http/router.ts';
import type { TokenIssuer } from '../token/issuer.ts';

export function guestRoutes(
  router: Router,
  { tokens, checkClient }: { tokens: TokenIssuer; checkClient: ClientCheck },
) {
  router.add({
    method: 'post',
    path: '/api/auth/guest',
    operationId: 'createGuestToken',
    summary: 'A token for a visitor who has not signed in',
    tags: ['tokens'],
    security: [{ basic: [] }],
    success: { status: 201, schema: AccessTokenSchema },
    problems: problems(401),
    authenticate: checkClient,
    handle: () => tokens.forUser(uuidv7(), 'GUEST'),
  });
}
