/** More than anybody means is cut off. */
const MAX_TAGS = 128;
const TAG = /^[\x21-\x2b\x2d-\x7e]{1,256}$/;

/** What an answer shows, or a purge is about: the members of a Cache-Tag field. */
export const tagsOf = (headers: Headers): string[] => splitTags(headers.get('cache-tag') ?? '');

/** The members of a list of tags that make sense. */
export const splitTags = (list: string): string[] =>
  list
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => TAG.test(tag))
    .slice(0, MAX_TAGS);
