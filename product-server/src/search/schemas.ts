export {
  type SearchQuery,
  SearchQuerySchema,
  type SuggestionQuery,
  SuggestionQuerySchema,
} from '@doa-market/common/contracts';
