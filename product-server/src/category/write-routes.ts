import {
  CategoryChangesSchema,
  CategoryOrderSchema,
  IdSchema,
  ManagedCategoryListSchema,
  ManagedCategorySchema,
  NewCategorySchema,
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
import type { CategoryService } from './service.ts';

const tags = ['categories'];
const security = [{ bearer: [] }];
const params = Type.Object({ id: IdSchema });

export async function categoryWriteRoutes(app: App, { categories }: { categories: CategoryService }) {
  app.get(
    '/admin/categories',
    {
      config: { access: POLICY.listManagedCategories },
      schema: {
        operationId: 'listManagedCategories',
        summary: 'All categories, shown or not, the upper ones first',
        tags,
        security,
        response: { 200: ManagedCategoryListSchema, ...problems(401, 403) },
      },
    },
    async () => ({ data: await categories.list() }),
  );

  app.post(
    '/categories',
    {
      config: { access: POLICY.createCategory },
      schema: {
        operationId: 'createCategory',
        summary: 'Adds a category after its siblings: eight at the top, three levels at most',
        tags,
        security,
        headers: IdempotencyKeySchema,
        body: NewCategorySchema,
        response: { 201: ManagedCategorySchema, ...namedProblems, ...problems(401, 403, 413, 415) },
      },
    },
    async (request, reply) => {
      const category = await categories.create(request.body, namedWrite(request));
      reply.status(201).header('ETag', etagOf(category.version));
      return category;
    },
  );

  app.patch(
    '/categories/:id',
    {
      config: { access: POLICY.updateCategory },
      schema: {
        operationId: 'updateCategory',
        summary: 'Changes a category, shows or hides it, or moves it with all that is in it',
        tags,
        security,
        params,
        headers: IfMatchSchema,
        body: CategoryChangesSchema,
        response: {
          200: ManagedCategorySchema,
          ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
        },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const category = await categories.update(request.params.id, versions, request.body);
      reply.header('ETag', etagOf(category.version));
      return category;
    },
  );

  app.delete(
    '/categories/:id',
    {
      config: { access: POLICY.removeCategory },
      schema: {
        operationId: 'removeCategory',
        summary: 'Removes a category that no product and no other category is in',
        tags,
        security,
        params,
        headers: IfMatchSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      await categories.remove(request.params.id, requiredIfMatch(request.headers['if-match']));
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/category-order',
    {
      config: { access: POLICY.orderCategories },
      schema: {
        operationId: 'orderCategories',
        summary: 'Puts all categories of one parent into a new order',
        tags,
        security,
        body: CategoryOrderSchema,
        response: { 200: ManagedCategoryListSchema, ...problems(400, 401, 403, 409, 413, 415, 422) },
      },
    },
    async (request) => ({ data: await categories.reorder(request.body) }),
  );
}
