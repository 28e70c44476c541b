import { ANY_MEMBER } from '@doa-market/common/auth';
import { MemberSchema } from '@doa-market/common/contracts';
import { notFound, unauthenticated } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { MemberRepository } from './repository.ts';

export async function memberRoutes(app: App, { members }: { members: MemberRepository }) {
  app.get(
    '/members/me',
    {
      config: { access: ANY_MEMBER },
      schema: {
        operationId: 'getOwnMember',
        summary: 'The member that the access token belongs to',
        tags: ['members'],
        security: [{ bearer: [] }],
        response: { 200: MemberSchema, ...problems(401, 403, 404) },
      },
    },
    async (request) => {
      if (!request.caller) throw unauthenticated();
      const member = await members.findActive(request.caller.sub);
      if (!member) throw notFound('The member');
      return member;
    },
  );
}
