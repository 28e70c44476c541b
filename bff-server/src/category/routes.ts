import {
  type Category,
  CategoryListSchema,
  CategoryPageSchema,
  PageQuerySchema,
  type ProductList,
  SlugSchema,
} from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { cacheControlOf, type LoadSection } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

const tags = ['categories'];

interface CategoryRoutesOptions {
  catalogue: Catalogue;
  section: LoadSection;
}

export async function categoryRoutes(app: App, { catalogue, section }: CategoryRoutesOptions) {
  app.get(
    '/categories',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listCategories',
        summary: 'All categories in the order of the shop',
        tags,
        response: { 200: CategoryListSchema, ...problems(502, 503, 504) },
      },
    },
    async (_request, reply) => {
      const data = await catalogue.categories();
      reply.header('Cache-Control', cacheControlOf([]));
      return { data };
    },
  );

  app.get(
    '/categories/:slug',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getCategoryPage',
        summary: 'A category with a page of its products, best sellers first',
        tags,
        params: Type.Object({ slug: SlugSchema }),
        querystring: PageQuerySchema,
        response: { 200: CategoryPageSchema, ...problems(404, 422, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const { slug } = request.params;
      const { page, limit } = request.query;
      const nothing: ProductList = { data: [], meta: { page, limit, total: 0, totalPages: 0 } };
      const [categories, products] = await Promise.all([
        catalogue.categories(),
        section('products', nothing, () => catalogue.products({ category: slug, page, limit })),
      ]);
      const category = findCategory(categories, slug);
      if (!category) throw notFound('The category');
      reply.header('Cache-Control', cacheControlOf([products]));
      return { category, products };
    },
  );
}

/** Wherever in the tree it is. */
function findCategory(categories: readonly Category[], slug: string): Category | undefined {
  for (const category of categories) {
    const found = category.slug === slug ? category : findCategory(category.children ?? [], slug);
    if (found) return found;
  }
  return undefined;
}
