import swagger from '@fastify/swagger';
import plugin from 'fastify-plugin';
import { notFound } from '../errors/index.ts';
import { completeDocument, docsAsset, openApiBase } from '../openapi/index.ts';

/** /docs/json is the OpenAPI 3.1 document of the routes' own schemas; /docs is a page to read it with. */
export const documentation = plugin<{ name: string; description: string }>(
  async (app, { name, description }) => {
    await app.register(swagger, { openapi: openApiBase(name, description) });

    app.get(
      '/docs/json',
      { config: { access: 'public' }, schema: { hide: true } },
      async (_request, reply) => {
        reply.header('Cache-Control', 'no-cache').type('application/json');
        return completeDocument(app.swagger());
      },
    );

    for (const url of ['/docs', '/docs/:asset']) {
      app.get<{ Params: { asset?: string } }>(
        url,
        { config: { access: 'public' }, schema: { hide: true } },
        async (request, reply) => {
          const asset = await docsAsset(request.params.asset ?? '');
          if (!asset) throw notFound();
          reply.header('Cache-Control', 'public, max-age=3600').type(asset.type);
          return asset.body;
        },
      );
    }
  },
  { name: 'documentation' },
);
