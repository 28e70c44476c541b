import { CredentialsQuerySchema, CredentialsSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { MemberRepository } from '../member/repository.ts';

/** For auth-server alone: never routed by the gateway, and a service token is asked for all the same. */
export async function credentialsRoutes(app: App, { members }: { members: MemberRepository }) {
  app.post(
    '/credentials',
    {
      config: { access: 'service' },
      schema: {
        operationId: 'findCredentials',
        summary: 'The password hash of a member, by email',
        description: 'A POST, so that the address is in no access log.',
        tags: ['internal'],
        security: [{ bearer: [] }],
        body: CredentialsQuerySchema,
        response: { 200: CredentialsSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request) => {
      const member = await members.findByEmail(request.body.email);
      // A suspended member is as unknown to a login as nobody at all.
      if (member?.status !== 'ACTIVE') throw notFound('The member');
      const { id, email, name, role, passwordHash, emailVerified } = member;
      return { memberId: id, email, name, role, passwordHash, emailVerified };
    },
  );
}
