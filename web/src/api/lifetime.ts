import 'server-only';
import { unstable_cache } from 'next/cache';
import { cache } from 'react';

/** Seconds that a page is good for; pages repeat it as `export const revalidate`, which has to be a literal. */
export const WHOLE = 60;
/** A page with a missing part is made again soon. */
export const DEGRADED = 5;

/** How long a page of these sections is good for. */
export function lifetimeOf(sections: { degraded: boolean }[]): number {
  return sections.some((section) => section.degraded) ? DEGRADED : WHOLE;
}

const nothing = async () => null;

/** Of the page that is being rendered. */
const collected = cache(() => new Set<string>());

/** What the page that is being rendered was tied to so far. */
export const tagsOfPage = (): string[] => [...collected()];

/**
 * Gives the page that is being rendered its cache tags and its lifetime. A page takes both from the cached reads
 * made for it; ours go past Next's data cache, so a read of nothing carries them.
 */
export async function keepPage(tags: string[], seconds: number): Promise<void> {
  for (const tag of tags) collected().add(tag);
  await unstable_cache(nothing, [...tags, String(seconds)], { tags, revalidate: seconds })();
}
