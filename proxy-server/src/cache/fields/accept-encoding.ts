import type { Encoding } from '../stored-response.ts';

/** In the order in which they are preferred where a client likes them equally. */
const ENCODINGS: readonly Encoding[] = ['br', 'gzip', 'identity'];

const MEMORY = 256;
const remembered = new Map<string, readonly Encoding[]>();

/** The encodings a client takes, best first (RFC 9110 section 12.5.3). Browsers send few spellings. */
export function acceptedEncodings(header: string | null): readonly Encoding[] {
  if (header === null) return ['identity'];
  const known = remembered.get(header);
  if (known) return known;
  const accepted = negotiate(header);
  if (remembered.size < MEMORY) remembered.set(header, accepted);
  return accepted;
}

function negotiate(header: string): readonly Encoding[] {
  const weights = new Map<string, number>();
  for (const member of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = member.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (coding !== '') weights.set(coding, weight >= 0 && weight <= 1 ? weight : 0);
  }
  const everythingElse = weights.get('*');
  const weightOf = (encoding: Encoding): number =>
    weights.get(encoding) ??
    (encoding === 'gzip' ? weights.get('x-gzip') : undefined) ??
    // Identity is fine unless refused, but never wanted more than what was named.
    everythingElse ??
    (encoding === 'identity' ? Number.MIN_VALUE : 0);
  const accepted = ENCODINGS.filter((encoding) => weightOf(encoding) > 0);
  accepted.sort((a, b) => weightOf(b) - weightOf(a));
  // A page in the wrong coding beats a 406: identity is what is left.
  return accepted.includes('identity') ? accepted : [...accepted, 'identity'];
}
