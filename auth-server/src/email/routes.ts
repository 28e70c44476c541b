import { EmailSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { Type } from 'typebox';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { LinkTokenSchema, MailSentSchema } from '../links/schemas.ts';
import type { EmailProof } from './service.ts';

const strict = { additionalProperties: false };

interface Dependencies {
  emailProof: EmailProof;
  checkClient: ClientCheck;
  deviceOf: DeviceReader;
}

export function emailRoutes(router: Router, { emailProof, checkClient, deviceOf }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/email/verify',
    operationId: 'verifyEmail',
    summary: 'Proves an address, with the token of the link that was sent to it',
    tags: ['registration'],
    security: [{ basic: [] }],
    body: Type.Object({ token: LinkTokenSchema }, strict),
    success: { status: 204 },
    problems: {
      ...problems(401, 410, 415, 422, 503),
      ...problemCodes({ 401: ['AUTH_1001'], 410: ['AUTH_1006'] }),
    },
    authenticate: checkClient,
    handle: ({ ctx, body }) => emailProof.verify(body.token, deviceOf(ctx)),
  });
  router.add({
    method: 'post',
    path: '/api/auth/email/resend',
    operationId: 'resendVerification',
    summary: 'Another link to prove an address, if there is something to prove',
    tags: ['registration'],
    security: [{ basic: [] }],
    body: Type.Object({ email: EmailSchema }, strict),
    success: { status: 202, schema: MailSentSchema },
    problems: problems(401, 415, 422, 429, 503),
    authenticate: checkClient,
    handle: async ({ ctx, body }) => {
      await emailProof.resend(body.email, deviceOf(ctx));
      return { status: 'ACCEPTED' as const };
    },
  });
}
