import { EmailSchema, SessionTokensSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import { BotTokenSchema } from '../bot-check/bot-check.ts';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import type { Login } from './service.ts';

const LoginSchema = Type.Object(
  {
    email: EmailSchema,
    password: Type.String({ minLength: 1, maxLength: 128 }),
    botToken: Type.Optional(BotTokenSchema),
  },
  { additionalProperties: false },
);

interface Dependencies {
  login: Login;
  checkClient: ClientCheck;
  deviceOf: DeviceReader;
}

export function loginRoutes(router: Router, { login, checkClient, deviceOf }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/login',
    operationId: 'login',
    summary: 'The tokens of a new session for a member, by email and password',
    tags: ['sessions'],
    security: [{ basic: [] }],
    body: LoginSchema,
    success: { status: 200, schema: SessionTokensSchema },
    problems: {
      ...problems(401, 403, 415, 422, 429, 503),
      ...problemCodes({ 401: ['AUTH_1001', 'AUTH_1004'], 403: ['AUTH_1007'] }),
    },
    authenticate: checkClient,
    handle: ({ ctx, caller, body }) => login({ ...body, client: caller, device: deviceOf(ctx) }),
  });
}
