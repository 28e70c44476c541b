import { PageQuerySchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { Router } from '../http/router.ts';
import { SecurityEventPageSchema } from './schemas.ts';
import type { SecurityEvents } from './security-events.ts';

export function eventRoutes(
  router: Router,
  { events, access }: { events: SecurityEvents; access: BearerAccess },
) {
  router.add({
    method: 'get',
    path: '/api/auth/events',
    operationId: 'listSecurityEvents',
    summary: 'Logins and what else has happened to the caller’s account, newest first',
    tags: ['events'],
    security: [{ bearer: [] }],
    query: PageQuerySchema,
    success: { status: 200, schema: SecurityEventPageSchema },
    problems: problems(401, 403, 422, 503),
    authenticate: access.member,
    handle: ({ caller, query }) => events.list(caller.sub, query),
  });
}
