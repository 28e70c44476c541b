import { SearchResultSchema, SearchSuggestionsSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { PUBLIC_SEARCH, PUBLIC_SUGGESTIONS } from '../caching.ts';
import type { SearchRepository } from './repository.ts';
import { SearchQuerySchema, SuggestionQuerySchema } from './schemas.ts';
import { createSearch } from './search.ts';
import { createSuggestions } from './suggestions.ts';

const tags = ['search'];

export async function searchRoutes(app: App, { repository }: { repository: SearchRepository }) {
  const search = createSearch(repository);
  const suggest = createSuggestions(repository);

  app.get(
    '/search',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'searchProducts',
        summary: 'Listed products that have every word of a query, with counts for the filters',
        description:
          'Words may be partial, half typed, initial consonants, without their spaces, misspelt, or typed on the other keyboard.',
        tags,
        querystring: SearchQuerySchema,
        response: { 200: SearchResultSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      const result = await search(request.query);
      reply.header('Cache-Control', PUBLIC_SEARCH);
      return result;
    },
  );

  app.get(
    '/search/suggestions',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'suggestSearches',
        summary: 'Products, categories and brands for what is being typed, with the parts that match',
        tags,
        querystring: SuggestionQuerySchema,
        response: { 200: SearchSuggestionsSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      const suggestions = await suggest(request.query);
      reply.header('Cache-Control', PUBLIC_SUGGESTIONS);
      return suggestions;
    },
  );
}
