import { listMembers } from './cache-control.ts';

/** The request fields by which an answer was chosen (RFC 9110 section 12.5.5), lower case and sorted. */
export function varyNames(headers: Headers): string[] {
  const field = headers.get('vary');
  if (field === null) return [];
  const names = field.split(',').map((name) => name.trim().toLowerCase());
  const given = [...new Set(names.filter((name) => name !== ''))].sort();
  // By what is no name nothing can be compared: that is what the asterisk says.
  return given.every((name) => TOKEN.test(name)) ? given : ['*'];
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Lists of tokens and weights, where neither case nor white space means anything. */
const TOKEN_LISTS = new Set(['accept-charset', 'accept-encoding', 'accept-language']);

/**
 * What a request says in the named fields, one string for all of them. In how many lines does not matter, nor do spaces
 * between the members of a list, nor others where the grammar is known to ignore them (RFC 9111 section 4.1). Parts are
 * prefixed with their length: joined as they are, two different requests could look alike.
 */
export function variantOf(names: readonly string[], request: Headers): string {
  return names
    .map((name) => {
      const value = request.get(name);
      if (value === null) return '-';
      const list = listMembers(value).join(',');
      const normal = TOKEN_LISTS.has(name) ? list.toLowerCase().replace(/\s*([;=])\s*/g, '$1') : list;
      return `${normal.length}:${normal}`;
    })
    .join(';');
}
