import { SlugSchema } from '@doa-market/common/contracts';
import { unauthenticated } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { ViewCounter } from './counter.ts';

export async function viewRoutes(app: App, { views }: { views: ViewCounter }) {
  app.post(
    '/products/:slug/views',
    {
      config: { access: POLICY.countView },
      schema: {
        operationId: 'countView',
        summary: "Counts a look at a product's page, which may have come from a cache",
        description:
          'One visitor counts once in half an hour. Says nothing of the product, nor whether it counted: a beacon.',
        tags: ['products'],
        security: [{ bearer: [] }],
        params: Type.Object({ slug: SlugSchema }),
        response: { 204: Type.Null(), ...problems(401, 403, 422) },
      },
    },
    async (request, reply) => {
      if (!request.caller) throw unauthenticated();
      const { sid = request.caller.sub } = request.caller;
      // Without Redis a look goes uncounted; nobody is to wait or fail for that.
      await views.count(sid, request.params.slug).catch((error: unknown) => {
        request.log.debug({ err: error }, 'view not counted');
      });
      return reply.status(204).send(null);
    },
  );
}
