import { SHOWN } from '@doa-market/common/cache-manifest';
import { splitTags } from './cache-tag.ts';

const ELEMENT = new RegExp(`<meta name="${SHOWN}" content="([^"<>]{1,16384})"`);
const OPENING = Buffer.from(`<meta name="${SHOWN}"`);
/** The element is that long at most. */
const LONGEST = 17_000;

/**
 * The tags that a page lists of itself: what it shows is known when it is made, and Next.js gives a page that it keeps no
 * way to say that in a field.
 */
export function shownTags(html: Uint8Array): string[] {
  const bytes = Buffer.from(html.buffer, html.byteOffset, html.byteLength);
  const at = bytes.indexOf(OPENING);
  if (at < 0) return [];
  const element = ELEMENT.exec(bytes.subarray(at, at + LONGEST).toString('latin1'));
  return splitTags((element?.[1] ?? '').replaceAll(' ', ','));
}
