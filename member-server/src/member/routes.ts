import { MemberChangesSchema, MemberProfileSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, callerId, etagOf, IfMatchSchema, requiredIfMatch } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { MemberService } from './service.ts';

const tags = ['members'];
const security = [{ bearer: [] }];

export async function memberRoutes(app: App, { members }: { members: MemberService }) {
  app.get(
    '/members/me',
    {
      config: { access: POLICY.getOwnMember },
      schema: {
        operationId: 'getOwnMember',
        summary: 'The member that the access token belongs to',
        tags,
        security,
        response: { 200: MemberProfileSchema, ...problems(401, 403, 404) },
      },
    },
    async (request, reply) => {
      const { profile, version } = await members.read(callerId(request));
      reply.header('ETag', etagOf(version));
      return profile;
    },
  );

  app.patch(
    '/members/me',
    {
      config: { access: POLICY.updateOwnMember },
      schema: {
        operationId: 'updateOwnMember',
        summary: "Changes the caller's own name or phone number",
        tags,
        security,
        headers: IfMatchSchema,
        body: MemberChangesSchema,
        response: { 200: MemberProfileSchema, ...problems(401, 403, 404, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const { profile, version } = await members.update(callerId(request), versions, request.body);
      reply.header('ETag', etagOf(version));
      return profile;
    },
  );

  app.delete(
    '/members/me',
    {
      config: { access: POLICY.leave },
      schema: {
        operationId: 'leave',
        summary: 'Ends the membership: all sessions at once, and personal data within 30 days',
        tags,
        security,
        response: { 204: Type.Null(), ...problems(401, 403, 404) },
      },
    },
    async (request, reply) => {
      await members.leave(callerId(request));
      return reply.status(204).send(null);
    },
  );
}
