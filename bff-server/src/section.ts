import type { Section } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';

/** `load`'s value as a section; a failure costs this section alone, and shows in the log. */
export async function section<T>(
  logger: Logger,
  name: string,
  empty: T,
  load: () => Promise<T>,
): Promise<Section<T>> {
  try {
    return { status: 'ok', data: await load() };
  } catch (error) {
    logger.warn({ err: error, section: name }, 'section degraded');
    return { status: 'degraded', data: empty };
  }
}

/** As long as the gateway keeps an answer; warm-up renews it before that, so no shopper waits for a fetch. */
const WHOLE = 'public, s-maxage=300, stale-while-revalidate=600';
const DEGRADED = 'private, no-store';

/** An answer that lacks a section must not be kept by any cache as if it were whole. */
export function cacheControlOf(sections: readonly Section<unknown>[]): string {
  return sections.every(({ status }) => status === 'ok') ? WHOLE : DEGRADED;
}
