import { type Page, sizeOf } from './page.ts';

/** Pages by key, within a number of bytes; the least recently used one goes first. */
export function createPageStore(maxBytes: number) {
  const pages = new Map<string, { page: Page; bytes: number; touchedAt: number }>();
  let bytes = 0;
  let evictions = 0;

  function remove(key: string): boolean {
    const held = pages.get(key);
    if (!held) return false;
    bytes -= held.bytes;
    return pages.delete(key);
  }

  return {
    get(key: string, now: number): Page | undefined {
      const held = pages.get(key);
      if (!held) return undefined;
      // Re-inserting is what makes it recent; once a second is recent enough.
      if (now - held.touchedAt > 1_000) {
        held.touchedAt = now;
        pages.delete(key);
        pages.set(key, held);
      }
      return held.page;
    },
    /** Keeps `page` in place of what was there, unless it is larger than everything allowed. */
    put(page: Page, now: number): boolean {
      remove(page.key);
      const size = sizeOf(page);
      if (size > maxBytes) return false;
      pages.set(page.key, { page, bytes: size, touchedAt: now });
      bytes += size;
      for (const oldest of pages.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
        evictions += 1;
      }
      return true;
    },
    /** Whether `page` itself, not a successor, is still kept. */
    holds: (page: Page): boolean => pages.get(page.key)?.page === page,
    remove,
    clear(): void {
      pages.clear();
      bytes = 0;
    },
    stats: () => ({ bytes, entries: pages.size, evictions }),
  };
}
export type PageStore = ReturnType<typeof createPageStore>;
