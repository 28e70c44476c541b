import {
  ManagedMemberChangesSchema,
  ManagedMemberListSchema,
  ManagedMemberQuerySchema,
  ManagedMemberSchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, callerId, etagOf, IfMatchSchema, requiredIfMatch } from '@doa-market/common/server';
import { MemberParamsSchema } from '../member/schemas.ts';
import { POLICY } from '../policy.ts';
import type { AdminService } from './service.ts';

const tags = ['administration'];
const security = [{ bearer: [] }];

export async function adminRoutes(app: App, { admin }: { admin: AdminService }) {
  app.get(
    '/members',
    {
      config: { access: POLICY.listMembers },
      schema: {
        operationId: 'listMembers',
        summary: 'A page of members, the newest first',
        tags,
        security,
        querystring: ManagedMemberQuerySchema,
        response: { 200: ManagedMemberListSchema, ...problems(401, 403, 422) },
      },
    },
    (request) => admin.list(callerId(request), request.query),
  );

  app.get(
    '/members/:id',
    {
      config: { access: POLICY.getMember },
      schema: {
        operationId: 'getMember',
        summary: 'A member',
        tags,
        security,
        params: MemberParamsSchema,
        response: { 200: ManagedMemberSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request, reply) => {
      const member = await admin.read(callerId(request), request.params.id);
      reply.header('ETag', etagOf(member.version));
      return member;
    },
  );

  app.patch(
    '/members/:id',
    {
      config: { access: POLICY.updateMember },
      schema: {
        operationId: 'updateMember',
        summary: 'Changes the role or the status of a member, and ends their sessions',
        tags,
        security,
        params: MemberParamsSchema,
        headers: IfMatchSchema,
        body: ManagedMemberChangesSchema,
        response: { 200: ManagedMemberSchema, ...problems(401, 403, 404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const { id } = request.params;
      const member = await admin.update(callerId(request), id, versions, request.body);
      reply.header('ETag', etagOf(member.version));
      return member;
    },
  );
}
