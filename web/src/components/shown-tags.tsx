import { SHOWN } from '@doa-market/common/cache-manifest';
import { tagsOfPage } from '../api/lifetime';

/** Tells the cache in front what the page shows, which it cannot see by the address. To be placed after the reads. */
export function ShownTags() {
  return <meta name={SHOWN} content={tagsOfPage().join(' ')} />;
}
