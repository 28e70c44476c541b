import {
  type SearchQuery,
  type SearchResult,
  SearchResultSchema,
  type SearchSuggestions,
  SearchSuggestionsSchema,
  type SuggestionQuery,
} from '@doa-market/common/contracts';
import type { ServiceClient } from '@doa-market/common/http';
import { toQuery } from './query.ts';

/**
 * product-server's search. Its client is one of its own: what people type may be slow, and must not keep the pages
 * that need no search from being asked for.
 */
export function createSearch(client: ServiceClient) {
  return {
    find: (query: SearchQuery): Promise<SearchResult> =>
      client.get(`/api/v1/search${toQuery(query)}`, SearchResultSchema),
    suggest: (query: SuggestionQuery): Promise<SearchSuggestions> =>
      client.get(`/api/v1/search/suggestions${toQuery(query)}`, SearchSuggestionsSchema),
  };
}
export type Search = ReturnType<typeof createSearch>;
