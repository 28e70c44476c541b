import { problems } from '@doa-market/common/openapi';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { CompleteCertificationSchema, StartedCertificationSchema } from './schemas.ts';
import type { Certifications } from './service.ts';

interface Dependencies {
  certifications: Certifications;
  access: BearerAccess;
  deviceOf: DeviceReader;
}

const tags = ['certification'];
const security = [{ bearer: [] }];

export function certificationRoutes(router: Router, { certifications, access, deviceOf }: Dependencies) {
  router.add({
    method: 'post',
    path: '/api/auth/certification/start',
    operationId: 'startCertification',
    summary: 'Begins the verification of who the caller is by law',
    tags,
    security,
    success: { status: 200, schema: StartedCertificationSchema },
    problems: problems(401, 403, 404, 429, 503),
    authenticate: access.member,
    handle: ({ caller }) => certifications.start(caller.sub),
  });

  router.add({
    method: 'post',
    path: '/api/auth/certification/complete',
    operationId: 'completeCertification',
    summary: 'Keeps who the caller is, as the agency tells it to this server',
    description: 'One person has one account: 409 when they have another one.',
    tags,
    security,
    body: CompleteCertificationSchema,
    success: { status: 204 },
    problems: problems(401, 403, 404, 409, 410, 415, 422, 502, 503, 504),
    authenticate: access.member,
    handle: ({ ctx, caller, body }) =>
      certifications.complete(caller.sub, body.identityVerificationId, deviceOf(ctx)),
  });
}
