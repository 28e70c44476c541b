import {
  SearchQuerySchema,
  SearchResultSchema,
  SearchSuggestionsSchema,
  SuggestionQuerySchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { Search } from '../upstream/search.ts';

/** Nothing purges the answers to queries, so they live as short as a crowd that asks the same needs. */
const SEARCH = 'public, s-maxage=10, stale-while-revalidate=30';
/** Browsers keep them too: who types and deletes asks the same again. */
const SUGGESTIONS = 'public, max-age=60, s-maxage=60, stale-while-revalidate=600';

const tags = ['search'];

export async function searchRoutes(app: App, { search }: { search: Search }) {
  app.get(
    '/search',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'searchProducts',
        summary: 'Products that have every word of a query, with counts for the filters',
        tags,
        querystring: SearchQuerySchema,
        response: { 200: SearchResultSchema, ...problems(422, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const result = await search.find(request.query);
      reply.header('Cache-Control', SEARCH);
      return result;
    },
  );

  app.get(
    '/search/suggest',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'suggestSearches',
        summary: 'Products, categories and brands for what is being typed',
        tags,
        querystring: SuggestionQuerySchema,
        response: { 200: SearchSuggestionsSchema, ...problems(422, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const suggestions = await search.suggest(request.query);
      reply.header('Cache-Control', SUGGESTIONS);
      return suggestions;
    },
  );
}
