import {
  CertificationSchema,
  CredentialsQuerySchema,
  CredentialsSchema,
  EmailProofSchema,
  ExternalIdentitySchema,
  MemberIdSchema,
  NewMemberSchema,
  PasswordChangeSchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, IdempotencyKeySchema, namedWrite } from '@doa-market/common/server';
import { Type } from 'typebox';
import { MemberParamsSchema } from '../member/schemas.ts';
import { POLICY } from '../policy.ts';
import type { CredentialsService } from './service.ts';

const tags = ['internal'];
const security = [{ bearer: [] }];
const NOTHING = Type.Null();

/** For auth-server alone: never routed by the gateway, and a service token is asked for all the same. */
export async function credentialsRoutes(app: App, { credentials }: { credentials: CredentialsService }) {
  app.post(
    '/credentials',
    {
      config: { access: POLICY.findCredentials },
      schema: {
        operationId: 'findCredentials',
        summary: 'What it takes to decide on a login, by email',
        description: 'A POST, so that the address is in no access log.',
        tags,
        security,
        body: CredentialsQuerySchema,
        response: { 200: CredentialsSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => credentials.byEmail(request.body.email),
  );

  app.post(
    '/members',
    {
      config: { access: POLICY.createMember },
      schema: {
        operationId: 'createMember',
        summary: 'Makes a member, in place of one who never proved the same address',
        tags,
        security,
        headers: IdempotencyKeySchema,
        body: NewMemberSchema,
        response: { 201: MemberIdSchema, ...problems(400, 401, 403, 409, 422) },
      },
    },
    async (request, reply) =>
      reply.status(201).send(await credentials.create(request.body, namedWrite(request))),
  );

  app.get(
    '/members/:id',
    {
      config: { access: POLICY.getMemberCredentials },
      schema: {
        operationId: 'getMemberCredentials',
        summary: 'What it takes to decide on a login, by member',
        tags,
        security,
        params: MemberParamsSchema,
        response: { 200: CredentialsSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => credentials.byId(request.params.id),
  );

  app.put(
    '/members/:id/password',
    {
      config: { access: POLICY.changePassword },
      schema: {
        operationId: 'changePassword',
        summary: 'Sets the password hash, if it is still the expected one',
        tags,
        security,
        params: MemberParamsSchema,
        body: PasswordChangeSchema,
        response: { 204: NOTHING, ...problems(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { expected, passwordHash } = request.body;
      await credentials.changePassword(request.params.id, expected, passwordHash);
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/members/:id/email-verified',
    {
      config: { access: POLICY.proveEmail },
      schema: {
        operationId: 'proveEmail',
        summary: 'Records that the address is theirs, if the password hash is still the expected one',
        tags,
        security,
        params: MemberParamsSchema,
        body: EmailProofSchema,
        response: { 204: NOTHING, ...problems(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await credentials.proveEmail(request.params.id, request.body.expected);
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/identities',
    {
      config: { access: POLICY.findByIdentity },
      schema: {
        operationId: 'findByIdentity',
        summary: 'What it takes to decide on a login, by who somebody is at a provider of logins',
        tags,
        security,
        body: ExternalIdentitySchema,
        response: { 200: CredentialsSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => credentials.byIdentity(request.body),
  );

  app.put(
    '/members/:id/identities',
    {
      config: { access: POLICY.linkIdentity },
      schema: {
        operationId: 'linkIdentity',
        summary: 'Lets a member sign in through a provider of logins',
        tags,
        security,
        params: MemberParamsSchema,
        body: ExternalIdentitySchema,
        response: { 204: NOTHING, ...problems(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await credentials.link(request.params.id, request.body);
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/members/:id/certification',
    {
      config: { access: POLICY.certifyMember },
      schema: {
        operationId: 'certifyMember',
        summary: 'Records who a member is by law',
        tags,
        security,
        params: MemberParamsSchema,
        body: CertificationSchema,
        response: { 204: NOTHING, ...problems(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await credentials.certify(request.params.id, request.body);
      return reply.status(204).send(null);
    },
  );
}
