import { AGREEMENT_VERSIONS } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { RegistrationAnswerSchema, RegistrationSchema } from './schemas.ts';
import type { Register } from './service.ts';

interface Dependencies {
  register: Register;
  checkClient: ClientCheck;
  deviceOf: DeviceReader;
}

export function registerRoutes(router: Router, { register, checkClient, deviceOf }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/register',
    operationId: 'register',
    summary: 'A new member, once the address is proved',
    description: 'Answers alike whether the address is new or not: what it is, is told by mail alone.',
    tags: ['registration'],
    security: [{ basic: [] }],
    body: RegistrationSchema,
    success: { status: 202, schema: RegistrationAnswerSchema },
    problems: {
      ...problems(401, 403, 415, 422, 429, 503),
      ...problemCodes({ 401: ['AUTH_1001'], 403: ['AUTH_1007'] }),
    },
    example: {
      body: {
        email: 'member@example.com',
        password: '지나가던 고양이 열두 마리',
        name: '김도아',
        agreements: [
          { document: 'TERMS', version: AGREEMENT_VERSIONS.TERMS },
          { document: 'PRIVACY', version: AGREEMENT_VERSIONS.PRIVACY },
        ],
      },
    },
    authenticate: checkClient,
    handle: async ({ ctx, body }) => {
      await register(body, deviceOf(ctx));
      return { status: 'VERIFICATION_SENT' as const };
    },
  });
}
