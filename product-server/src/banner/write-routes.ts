import {
  BannerChangesSchema,
  BannerOrderSchema,
  IdSchema,
  ManagedBannerListSchema,
  ManagedBannerSchema,
  NewBannerSchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import {
  type App,
  etagOf,
  IdempotencyKeySchema,
  IfMatchSchema,
  namedWrite,
  requiredIfMatch,
} from '@doa-market/common/server';
import { Type } from 'typebox';
import { namedProblems } from '../idempotency/problems.ts';
import { POLICY } from '../policy.ts';
import type { BannerService } from './service.ts';

const tags = ['banners'];
const security = [{ bearer: [] }];
const params = Type.Object({ id: IdSchema });

export async function bannerWriteRoutes(app: App, { banners }: { banners: BannerService }) {
  app.get(
    '/admin/banners',
    {
      config: { access: POLICY.listManagedBanners },
      schema: {
        operationId: 'listManagedBanners',
        summary: 'All banners in their order, shown or not',
        tags,
        security,
        response: { 200: ManagedBannerListSchema, ...problems(401, 403) },
      },
    },
    async () => ({ data: await banners.list() }),
  );

  app.post(
    '/banners',
    {
      config: { access: POLICY.createBanner },
      schema: {
        operationId: 'createBanner',
        summary: 'Adds a banner after the others',
        tags,
        security,
        headers: IdempotencyKeySchema,
        body: NewBannerSchema,
        response: { 201: ManagedBannerSchema, ...namedProblems, ...problems(401, 403, 413, 415) },
      },
    },
    async (request, reply) => {
      const banner = await banners.create(request.body, namedWrite(request));
      reply.status(201).header('ETag', etagOf(banner.version));
      return banner;
    },
  );

  app.patch(
    '/banners/:id',
    {
      config: { access: POLICY.updateBanner },
      schema: {
        operationId: 'updateBanner',
        summary: 'Changes a banner, shows or hides it',
        tags,
        security,
        params,
        headers: IfMatchSchema,
        body: BannerChangesSchema,
        response: {
          200: ManagedBannerSchema,
          ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
        },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const banner = await banners.update(request.params.id, versions, request.body);
      reply.header('ETag', etagOf(banner.version));
      return banner;
    },
  );

  app.delete(
    '/banners/:id',
    {
      config: { access: POLICY.removeBanner },
      schema: {
        operationId: 'removeBanner',
        summary: 'Removes a banner for good',
        tags,
        security,
        params,
        headers: IfMatchSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      await banners.remove(request.params.id, requiredIfMatch(request.headers['if-match']));
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/banner-order',
    {
      config: { access: POLICY.orderBanners },
      schema: {
        operationId: 'orderBanners',
        summary: 'Puts all banners into a new order',
        tags,
        security,
        body: BannerOrderSchema,
        response: { 200: ManagedBannerListSchema, ...problems(400, 401, 403, 409, 413, 415, 422) },
      },
    },
    async (request) => ({ data: await banners.reorder(request.body) }),
  );
}
