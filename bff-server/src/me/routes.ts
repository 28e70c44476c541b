import { ANY_MEMBER } from '@doa-market/common/auth';
import { MemberSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { Members } from '../upstream/members.ts';

export async function meRoutes(app: App, { members }: { members: Members }) {
  app.get(
    '/me',
    {
      config: { access: ANY_MEMBER },
      schema: {
        operationId: 'getMe',
        summary: 'The signed-in member',
        tags: ['me'],
        security: [{ bearer: [] }],
        response: { 200: MemberSchema, ...problems(401, 403, 404, 502, 503, 504) },
      },
    },
    (request) => members.own(request.accessToken),
  );
}
