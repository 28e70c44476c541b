import { AGREEMENT_VERSIONS } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { Context } from 'koa';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import type { Starter } from './flows.ts';
import type { SocialRegistrar } from './registration.ts';
import {
  CompletedSchema,
  CompleteSchema,
  LinkedSchema,
  ProviderParamsSchema,
  RegisteredSchema,
  SocialRegistrationSchema,
  StartedSchema,
  StartSchema,
} from './schemas.ts';
import type { SocialSignIn } from './sign-in.ts';

interface Dependencies {
  signIn: SocialSignIn;
  register: SocialRegistrar;
  checkClient: ClientCheck;
  access: BearerAccess;
  deviceOf: DeviceReader;
}

const tags = ['social login'];
const BASIC = /^Basic /i;

export function socialRoutes(router: Router, dependencies: Dependencies) {
  const { signIn, register, checkClient, access, deviceOf } = dependencies;

  const starterOf = async (ctx: Context): Promise<Starter> =>
    BASIC.test(ctx.get('Authorization'))
      ? { client: checkClient(ctx) }
      : { memberId: (await access.member(ctx)).sub };

  router.add({
    method: 'post',
    path: '/api/auth/social/:provider/start',
    operationId: 'startSocialSignIn',
    summary: 'Begins a sign-in at a provider, or with an access token the linking of one',
    tags,
    security: [{ basic: [] }, { bearer: [] }],
    params: ProviderParamsSchema,
    body: StartSchema,
    bodyRequired: false,
    success: { status: 200, schema: StartedSchema },
    problems: problems(401, 403, 404, 415, 422, 429, 502, 503, 504),
    authenticate: starterOf,
    handle: ({ ctx, caller, params, body }) =>
      signIn.start(params.provider, body.redirect ?? '/', caller, deviceOf(ctx)),
  });

  router.add({
    method: 'post',
    path: '/api/auth/social/:provider/complete',
    operationId: 'completeSocialSignIn',
    summary: 'Signs in whoever came back from the provider, or asks a newcomer for agreements',
    description:
      'No account is opened to somebody who comes with its address alone: that is 409, sign in and link.',
    tags,
    security: [{ basic: [] }],
    params: ProviderParamsSchema,
    body: CompleteSchema,
    success: { status: 200, schema: CompletedSchema },
    problems: problems(401, 404, 409, 410, 415, 422, 502, 503, 504),
    authenticate: checkClient,
    handle: ({ ctx, caller, params, body }) => signIn.complete(params.provider, body, caller, deviceOf(ctx)),
  });

  router.add({
    method: 'post',
    path: '/api/auth/social/:provider/link',
    operationId: 'linkSocialSignIn',
    summary: 'Lets the caller sign in through the provider they came back from',
    tags,
    security: [{ bearer: [] }],
    params: ProviderParamsSchema,
    body: CompleteSchema,
    success: { status: 200, schema: LinkedSchema },
    problems: problems(401, 403, 404, 409, 410, 415, 422, 502, 503, 504),
    authenticate: access.member,
    handle: ({ ctx, caller, params, body }) => signIn.link(params.provider, body, caller.sub, deviceOf(ctx)),
  });

  router.add({
    method: 'post',
    path: '/api/auth/social/register',
    operationId: 'registerSocially',
    summary: 'Makes a member of a newcomer who has come back from a provider and agrees',
    tags,
    security: [{ basic: [] }],
    body: SocialRegistrationSchema,
    success: { status: 200, schema: RegisteredSchema },
    problems: problems(401, 409, 410, 415, 422, 503),
    example: {
      body: {
        handle: 'mYw3cq2w4n6lqk4rUu0Qyq3Q2xkq7cYtq0vYw1oXq5E',
        agreements: [
          { document: 'TERMS', version: AGREEMENT_VERSIONS.TERMS },
          { document: 'PRIVACY', version: AGREEMENT_VERSIONS.PRIVACY },
        ],
      },
    },
    authenticate: checkClient,
    handle: ({ ctx, caller, body }) => register(body, caller, deviceOf(ctx)),
  });
}
