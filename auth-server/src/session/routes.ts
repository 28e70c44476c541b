import { SessionTokensSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { BearerAccess } from '../http/bearer-access.ts';
import { type DeviceReader, shortened } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import {
  MemberParamsSchema,
  RefreshSchema,
  type SessionList,
  SessionListSchema,
  SessionParamsSchema,
} from './schemas.ts';
import type { Sessions } from './service.ts';
import type { StoredSession } from './store.ts';

interface Dependencies {
  sessions: Sessions;
  checkClient: ClientCheck;
  access: BearerAccess;
  deviceOf: DeviceReader;
}

const tags = ['sessions'];

export function sessionRoutes(router: Router, { sessions, checkClient, access, deviceOf }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/refresh',
    operationId: 'refreshSession',
    summary: 'New tokens of the same session',
    description: 'A refresh token is good for one use; using it again later ends the session.',
    tags,
    security: [{ basic: [] }],
    body: RefreshSchema,
    success: { status: 200, schema: SessionTokensSchema },
    problems: { ...problems(401, 415, 422, 503), ...problemCodes({ 401: ['AUTH_1001', 'AUTH_1009'] }) },
    authenticate: checkClient,
    handle: ({ ctx, caller, body }) => sessions.refresh(body.refreshToken, caller, deviceOf(ctx)),
  });

  router.add({
    method: 'get',
    path: '/api/auth/sessions',
    operationId: 'listSessions',
    summary: "The caller's sessions, the last used first",
    tags,
    security: [{ bearer: [] }],
    success: { status: 200, schema: SessionListSchema },
    problems: problems(401, 403, 503),
    authenticate: access.member,
    handle: async ({ caller }) => present(await sessions.list(caller.sub), caller.sid),
  });

  router.add({
    method: 'delete',
    path: '/api/auth/sessions/:sid',
    operationId: 'revokeSession',
    summary: "Ends one of the caller's sessions",
    tags,
    security: [{ bearer: [] }],
    params: SessionParamsSchema,
    success: { status: 204 },
    problems: problems(401, 403, 404, 422, 503),
    authenticate: access.member,
    handle: async ({ ctx, caller, params }) => {
      if (!(await sessions.revoke(caller.sub, params.sid, deviceOf(ctx)))) throw notFound('The session');
    },
  });

  router.add({
    method: 'post',
    path: '/internal/members/:id/sessions/end',
    operationId: 'endSessions',
    summary: 'Ends all sessions of a member, whose role or standing has changed',
    tags: ['internal'],
    security: [{ bearer: [] }],
    params: MemberParamsSchema,
    success: { status: 204 },
    problems: problems(401, 403, 422, 503),
    authenticate: access.service('member-server'),
    handle: ({ params }) => sessions.endAll(params.id),
  });
}

function present(stored: StoredSession[], currentSid: string): SessionList {
  const data = stored.map(({ sid, userAgent, address, createdAt, lastUsedAt }) => ({
    id: sid,
    current: sid === currentSid,
    device: userAgent,
    address: shortened(address),
    createdAt: new Date(createdAt).toISOString(),
    lastUsedAt: new Date(lastUsedAt).toISOString(),
  }));
  return { data };
}
