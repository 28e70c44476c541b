/** The request fields by which an answer was chosen (RFC 9110 section 12.5.5), lower case and sorted. */
export function varyNames(headers: Headers): string[] {
  const field = headers.get('vary');
  if (field === null) return [];
  const names = field.split(',').map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ''))].sort();
}

/** Fields whose values do not depend on case. */
const CASE_INSENSITIVE = new Set(['accept-encoding', 'accept-language']);

/**
 * What a request says in the named fields, one string for all of them. Spaces around the commas of a list mean nothing,
 * nor does the number of lines it came in (RFC 9111 section 4.1). Parts are prefixed with their length: joined as they
 * are, two different requests could look alike.
 */
export function variantOf(names: readonly string[], request: Headers): string {
  return names
    .map((name) => {
      const value = request.get(name);
      if (value === null) return '-';
      const plain = value
        .split(',')
        .map((part) => part.trim().replace(/\s*([;=])\s*/g, '$1'))
        .join(',');
      const normal = CASE_INSENSITIVE.has(name) ? plain.toLowerCase() : plain;
      return `${normal.length}:${normal}`;
    })
    .join(';');
}
