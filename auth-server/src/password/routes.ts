import { EmailSchema, NewPasswordSchema, SessionTokensSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { LinkTokenSchema, MailSentSchema } from '../links/schemas.ts';
import type { PasswordChange } from './change.ts';
import type { PasswordRecovery } from './recovery.ts';

const strict = { additionalProperties: false };

const PasswordChangeSchema = Type.Object(
  { currentPassword: Type.String({ minLength: 1, maxLength: 128 }), newPassword: NewPasswordSchema },
  strict,
);
const PasswordResetSchema = Type.Object({ token: LinkTokenSchema, newPassword: NewPasswordSchema }, strict);

interface Dependencies {
  changePassword: PasswordChange;
  recovery: PasswordRecovery;
  checkClient: ClientCheck;
  access: BearerAccess;
  deviceOf: DeviceReader;
}

export function passwordRoutes(router: Router, dependencies: Dependencies) {
  const { changePassword, recovery, checkClient, access, deviceOf } = dependencies;
  router.add({
    method: 'post',
    path: '/api/auth/password/change',
    operationId: 'changePassword',
    summary: 'Changes the caller’s password, and ends all sessions but the one it answers with',
    tags: ['password'],
    security: [{ bearer: [] }],
    body: PasswordChangeSchema,
    success: { status: 200, schema: SessionTokensSchema },
    problems: problems(401, 403, 409, 415, 422, 429, 503),
    authenticate: access.member,
    handle: ({ ctx, caller, body }) => changePassword(body, caller, deviceOf(ctx)),
  });
  router.add({
    method: 'post',
    path: '/api/auth/password/forgot',
    operationId: 'forgotPassword',
    summary: 'Sends a link for a new password, if the address has a member',
    tags: ['password'],
    security: [{ basic: [] }],
    body: Type.Object({ email: EmailSchema }, strict),
    success: { status: 202, schema: MailSentSchema },
    problems: problems(401, 415, 422, 429, 503),
    authenticate: checkClient,
    handle: async ({ ctx, body }) => {
      await recovery.forgot(body.email, deviceOf(ctx));
      return { status: 'ACCEPTED' as const };
    },
  });
  router.add({
    method: 'post',
    path: '/api/auth/password/reset',
    operationId: 'resetPassword',
    summary: 'A new password, with the token of the link that was sent; ends all sessions',
    tags: ['password'],
    security: [{ basic: [] }],
    body: PasswordResetSchema,
    success: { status: 204 },
    problems: {
      ...problems(401, 410, 415, 422, 503),
      ...problemCodes({ 401: ['AUTH_1001'], 410: ['AUTH_1006'] }),
    },
    authenticate: checkClient,
    handle: ({ ctx, body }) => recovery.reset(body.token, body.newPassword, deviceOf(ctx)),
  });
}
