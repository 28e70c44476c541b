import {
  ManagedProductListSchema,
  ManagedProductSchema,
  NewProductSchema,
  ProductChangesSchema,
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
import { editorOf } from '../editor.ts';
import { namedProblems } from '../idempotency/problems.ts';
import { POLICY } from '../policy.ts';
import { ManagedProductParamsSchema, ManagedProductQuerySchema, ProductParamsSchema } from './schemas.ts';
import type { ProductService } from './service.ts';

const tags = ['selling'];
const security = [{ bearer: [] }];

export async function productWriteRoutes(app: App, { products }: { products: ProductService }) {
  app.get(
    '/seller/products',
    {
      config: { access: POLICY.listOwnProducts },
      schema: {
        operationId: 'listOwnProducts',
        summary: "The caller's own products in every status, the newest first; to an administrator all",
        tags,
        security,
        querystring: ManagedProductQuerySchema,
        response: { 200: ManagedProductListSchema, ...problems(401, 403, 422) },
      },
    },
    (request) => products.list(editorOf(request), request.query),
  );

  app.get(
    '/seller/products/:id',
    {
      config: { access: POLICY.getOwnProduct },
      schema: {
        operationId: 'getOwnProduct',
        summary: "One of the caller's own products, as it can be changed",
        tags,
        security,
        params: ManagedProductParamsSchema,
        response: { 200: ManagedProductSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request, reply) => {
      const product = await products.read(editorOf(request), request.params.id);
      reply.header('ETag', etagOf(product.version));
      return product;
    },
  );

  app.post(
    '/products',
    {
      config: { access: POLICY.createProduct },
      schema: {
        operationId: 'createProduct',
        summary: 'Adds a product, with a SKU for each combination of its options',
        tags,
        security,
        headers: IdempotencyKeySchema,
        body: NewProductSchema,
        response: {
          201: ManagedProductSchema,
          ...namedProblems,
          ...problems(401, 403, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const product = await products.create(editorOf(request), request.body, namedWrite(request));
      reply.status(201).header('Location', `/api/v1/seller/products/${product.id}`);
      reply.header('ETag', etagOf(product.version));
      return product;
    },
  );

  app.patch(
    '/products/:idOrSlug',
    {
      config: { access: POLICY.updateProduct },
      schema: {
        operationId: 'updateProduct',
        summary: 'Changes a product: what is not named stays',
        description:
          'A change of the stock alone makes no new version. A former slug leads to the product until another takes it.',
        tags,
        security,
        params: ProductParamsSchema,
        headers: IfMatchSchema,
        body: ProductChangesSchema,
        response: {
          200: ManagedProductSchema,
          ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
        },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const { idOrSlug } = request.params;
      const product = await products.update(editorOf(request), idOrSlug, versions, request.body);
      reply.header('ETag', etagOf(product.version));
      return product;
    },
  );

  app.delete(
    '/products/:idOrSlug',
    {
      config: { access: POLICY.removeProduct },
      schema: {
        operationId: 'removeProduct',
        summary: 'Takes a product out of the catalogue for good; its slug and codes are free again',
        tags,
        security,
        params: ProductParamsSchema,
        headers: IfMatchSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      await products.remove(editorOf(request), request.params.idOrSlug, versions);
      return reply.status(204).send(null);
    },
  );
}
