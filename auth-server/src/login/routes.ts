import { AccessTokenSchema, EmailSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { Router } from '../http/router.ts';
import type { Login } from './service.ts';

const LoginSchema = Type.Object(
  { email: EmailSchema, password: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

export function loginRoutes(
  router: Router,
  { login, checkClient }: { login: Login; checkClient: ClientCheck },
) {
  router.add({
    method: 'post',
    path: '/api/auth/login',
    operationId: 'login',
    summary: 'A token for a member, by email and password',
    tags: ['tokens'],
    security: [{ basic: [] }],
    body: LoginSchema,
    success: { status: 200, schema: AccessTokenSchema },
    problems: problems(401, 415, 422, 429, 503),
    authenticate: checkClient,
    handle: (_ctx, { email, password }) => login(email, password),
  });
}
