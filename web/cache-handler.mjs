import { setTimeout as delay } from 'node:timers/promises';
import FileSystemCacheModule from 'next/dist/server/lib/incremental-cache/file-system-cache.js';

/** @typedef {import('next/dist/server/lib/incremental-cache').CacheHandler} CacheHandler */
/** @type {typeof import('next/dist/server/lib/incremental-cache/file-system-cache').default} */
const FileSystemCache = FileSystemCacheModule.default ?? FileSystemCacheModule;

const TAGS = 'x-next-cache-tags';
/** Milliseconds after which a render counts as failed: it would have ended. */
const LONGEST_RENDER = 10_000;

/**
 * The renders of this process that are under way, and which tag was invalidated; turns tell what came first. The bundle
 * of a route and this file are different modules, so they meet on the global object.
 *
 * @typedef {{ turn: number, at: number }} Moment
 * @type {{ turn: number, begun: Map<string, Moment>, ended: Set<() => void>, invalidated: Map<string, Moment> }}
 */
const renders = globalThis[Symbol.for('doa-market.renders')] ?? {
  turn: 0,
  begun: new Map(),
  ended: new Set(),
  invalidated: new Map(),
};
globalThis[Symbol.for('doa-market.renders')] = renders;

/**
 * Next's own cache, but for one thing. It dates a page by the end of its render, so a page that read before a change and
 * was done after the invalidation would count as newer than the change, and be kept for a whole life. Here it is not kept.
 */
export default class RenderAwareCache extends FileSystemCache {
  /** @type {CacheHandler['get']} */
  async get(key, ctx) {
    const entry = await super.get(key, ctx);
    if (ctx.kind === 'APP_PAGE' && needsRender(entry)) begin(key);
    return entry;
  }

  /** @type {CacheHandler['set']} */
  async set(key, data, ctx) {
    const begun = renders.begun.get(key);
    try {
      if (data?.kind === 'APP_PAGE' && begun && changedSince(begun, data.headers)) return;
      await super.set(key, data, ctx);
    } finally {
      if (renders.begun.delete(key)) for (const tell of [...renders.ended]) tell();
    }
  }

  /** @type {CacheHandler['revalidateTag']} */
  async revalidateTag(tags, durations) {
    const now = moment();
    for (const [tag, { at }] of renders.invalidated) {
      if (at > now.at - LONGEST_RENDER) break;
      renders.invalidated.delete(tag);
    }
    for (const tag of [tags].flat()) {
      renders.invalidated.delete(tag);
      renders.invalidated.set(tag, now);
    }
    // Next keeps what is as old as the invalidation, to the millisecond.
    while (Date.now() <= now.at) await delay(1);
    await super.revalidateTag(tags, durations);
  }
}

/** @returns {Moment} */
const moment = () => ({ turn: ++renders.turn, at: Date.now() });

/** @param {Awaited<ReturnType<CacheHandler['get']>>} entry */
function needsRender(entry) {
  const revalidate = entry?.cacheControl?.revalidate;
  return !entry || (typeof revalidate === 'number' && entry.lastModified + revalidate * 1_000 <= Date.now());
}

/** @param {string} key */
function begin(key) {
  const before = renders.begun.get(key);
  if (!before || before.at < Date.now() - LONGEST_RENDER) renders.begun.set(key, moment());
}

/**
 * @param {Moment} begun
 * @param {import('http').OutgoingHttpHeaders | undefined} headers
 */
function changedSince(begun, headers) {
  const tags = headers?.[TAGS];
  return (
    typeof tags === 'string' &&
    tags.split(',').some((tag) => (renders.invalidated.get(tag)?.turn ?? 0) > begun.turn)
  );
}
