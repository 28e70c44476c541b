import { invalidFields } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { Context } from 'koa';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { BearerAccess, SessionClaims } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { LogoutSchema } from './schemas.ts';
import type { Sessions } from './service.ts';

interface Dependencies {
  sessions: Sessions;
  checkClient: ClientCheck;
  access: BearerAccess;
  /** Lets in whose session has ended already: they have what they want. */
  leaving: BearerAccess;
  deviceOf: DeviceReader;
}

type Leaving = { claims: SessionClaims; client?: undefined } | { claims?: undefined; client: string };

const tags = ['sessions'];
const BASIC = /^Basic /i;

export function logoutRoutes(router: Router, dependencies: Dependencies) {
  const { sessions, checkClient, access, leaving, deviceOf } = dependencies;

  const authenticate = async (ctx: Context): Promise<Leaving> =>
    BASIC.test(ctx.get('Authorization'))
      ? { client: checkClient(ctx) }
      : { claims: await leaving.visitor(ctx) };

  router.add({
    method: 'post',
    path: '/api/auth/logout',
    operationId: 'logout',
    summary: 'Ends the session of the access token, or with client credentials that of the refresh token',
    tags,
    security: [{ bearer: [] }, { basic: [] }],
    body: LogoutSchema,
    bodyRequired: false,
    success: { status: 204 },
    problems: problems(401, 415, 422, 503),
    authenticate,
    handle: async ({ ctx, caller: { claims, client }, body: { refreshToken } }) => {
      const device = deviceOf(ctx);
      if (claims) return sessions.logout(claims.sub, claims.sid, device);
      if (refreshToken !== undefined) return sessions.logoutByToken(refreshToken, client, device);
      throw invalidFields([{ field: 'refreshToken', message: 'is required without an access token' }]);
    },
  });

  router.add({
    method: 'post',
    path: '/api/auth/logout-all',
    operationId: 'logoutEverywhere',
    summary: "Ends all of the caller's sessions, this one too",
    tags,
    security: [{ bearer: [] }],
    success: { status: 204 },
    problems: problems(401, 403, 503),
    authenticate: access.member,
    handle: ({ ctx, caller }) => sessions.logoutEverywhere(caller.sub, deviceOf(ctx)),
  });
}
