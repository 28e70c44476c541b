import { variantOf } from './fields/vary.ts';
import { type StoredResponse, sizeOf } from './stored-response.ts';

/** A key with more variants than this is not worth the memory: the oldest goes. */
const MAX_VARIANTS = 16;
/** Re-inserting is what makes a key recent; once a second is recent enough. */
const TOUCH_MS = 1_000;

interface Slot {
  variants: StoredResponse[];
  bytes: number;
  touchedAt: number;
}

interface MemoryStoreOptions {
  maxBytes: number;
  /** How many errors (404 above all) may be held: whoever guesses addresses must not drive out the pages. */
  maxNegative: number;
}

/** Answers by key and variant, within a number of bytes; errors go first, then the key used least recently. */
export function createMemoryStore({ maxBytes, maxNegative }: MemoryStoreOptions) {
  const slots = new Map<string, Slot>();
  const keysByTag = new Map<string, Set<string>>();
  const negative = new Set<string>();
  const removals = new Set<(key: string) => void>();
  let bytes = 0;
  let evictions = 0;

  function remove(key: string): boolean {
    const slot = slots.get(key);
    if (!slot) return false;
    slots.delete(key);
    negative.delete(key);
    bytes -= slot.bytes;
    for (const { tags } of slot.variants) for (const tag of tags) untag(tag, key);
    for (const tell of removals) tell(key);
    return true;
  }

  function untag(tag: string, key: string): void {
    const keys = keysByTag.get(tag);
    keys?.delete(key);
    if (keys?.size === 0) keysByTag.delete(tag);
  }

  const keysOf = (tags: readonly string[]) => new Set(tags.flatMap((tag) => [...(keysByTag.get(tag) ?? [])]));

  function evictDownTo(limit: number, keys: Iterable<string>, excess: () => number): void {
    for (const oldest of keys) {
      if (excess() <= limit) return;
      remove(oldest);
      evictions += 1;
    }
  }

  return {
    /** The variant that suits the request, the newest first (RFC 9111 section 4.1). */
    find(key: string, request: Headers, now: number): StoredResponse | undefined {
      const slot = slots.get(key);
      if (!slot) return undefined;
      if (now - slot.touchedAt > TOUCH_MS) {
        slot.touchedAt = now;
        slots.delete(key);
        slots.set(key, slot);
      }
      const [newest] = slot.variants;
      // Most keys have one, and this is the hot path.
      if (newest?.varyNames.length === 0) return newest;
      return slot.variants.find(
        ({ varyNames, variant }) => varyNames.length === 0 || variantOf(varyNames, request) === variant,
      );
    },
    /** One variant, without counting as a use. */
    peek: (key: string, variant: string): StoredResponse | undefined =>
      slots.get(key)?.variants.find((it) => it.variant === variant),
    /** Whether there is anything at all under a key. */
    has: (key: string): boolean => slots.has(key),
    /** Keeps `stored` in place of the same variant, unless it is larger than everything allowed. */
    put(stored: StoredResponse, now: number): boolean {
      const { key, variant } = stored;
      const others = (slots.get(key)?.variants ?? []).filter((it) => it.variant !== variant);
      remove(key);
      if (sizeOf(stored) > maxBytes) return false;
      const variants = [stored, ...others].slice(0, MAX_VARIANTS);
      const slot = { variants, bytes: variants.reduce((sum, it) => sum + sizeOf(it), 0), touchedAt: now };
      slots.set(key, slot);
      bytes += slot.bytes;
      for (const { tags } of variants) {
        for (const tag of tags) keysByTag.set(tag, (keysByTag.get(tag) ?? new Set()).add(key));
      }
      if (stored.status >= 400) {
        negative.add(key);
        evictDownTo(maxNegative, negative, () => negative.size);
      }
      evictDownTo(maxBytes, negative, () => bytes);
      evictDownTo(maxBytes, slots.keys(), () => bytes);
      return slots.has(key);
    },
    /** Whether `stored` itself, not a successor, is still kept. */
    holds: (stored: StoredResponse): boolean => slots.get(stored.key)?.variants.includes(stored) ?? false,
    remove,
    /** All variants of everything with one of the tags, in the order of the tags. */
    tagged: (tags: readonly string[]): StoredResponse[] =>
      [...keysOf(tags)].flatMap((key) => slots.get(key)?.variants ?? []),
    /** Removes everything with one of the tags. @returns how many keys */
    purge(tags: readonly string[]): number {
      const keys = keysOf(tags);
      for (const key of keys) remove(key);
      return keys.size;
    },
    clear(): void {
      for (const key of [...slots.keys()]) remove(key);
    },
    /** Tells `listener` of every key that leaves or changes. */
    onRemove: (listener: (key: string) => void) => removals.add(listener),
    stats: () => ({ bytes, entries: slots.size, evictions }),
  };
}
export type MemoryStore = ReturnType<typeof createMemoryStore>;
