import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { median } from '../support/median.ts';
import { aKey, entry, granted, openLevel, render, type TestLevel, textOf } from './support/levels.ts';
import { openRedis, type TestRedis } from './support/redis.ts';
import { openRelay } from './support/relay.ts';

let redis: TestRedis;
let a: TestLevel;
let b: TestLevel;
let key: string;

beforeEach(async () => {
  redis = await openRedis({ durable: true });
  [a, b] = await Promise.all([
    openLevel(redis.url, { lockTtl: 500 }),
    openLevel(redis.url, { lockTtl: 500 }),
  ]);
  key = aKey();
});
afterEach(() => redis.close());

const back = (level: TestLevel) =>
  vi.waitFor(() => expect(level.isAvailable()).toBe(true), { timeout: 10_000, interval: 10 });
const away = (level: TestLevel) =>
  vi.waitFor(() => expect(level.isAvailable()).toBe(false), { timeout: 5_000, interval: 10 });

/** Milliseconds that it takes, and what comes of it. */
async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const startedAt = performance.now();
  const result = await work();
  return [performance.now() - startedAt, result];
}

async function works(): Promise<void> {
  const [page, tag] = [aKey(), `tag:${aKey()}`];
  const owner = granted(await a.claim(page));
  const waiting = await b.claim(page);
  await owner.store(entry('works', [tag]));
  expect(waiting.kind === 'elsewhere' && textOf(await waiting.settled)).toBe('works');
  await b.purge([tag]);
  expect(await a.get(page)).toBeUndefined();
  await vi.waitFor(() => expect(a.purged).toContain(tag));
}

describe('a Redis that is killed', () => {
  it('leaves everybody to themselves at once, and takes part again when it is back', async () => {
    await render(a, key, 'page');
    const owners = await Promise.all(Array.from({ length: 5 }, async () => granted(await a.claim(aKey()))));
    const waited = aKey();
    granted(await a.claim(waited));
    const waiting = await b.claim(waited);
    redis.signal('SIGKILL');
    await Promise.all([away(a), away(b)]);

    expect(waiting.kind === 'elsewhere' && (await waiting.settled)).toBeUndefined();
    const times: number[] = [];
    for (const owner of owners) {
      const [took] = await timed(async () => {
        expect(await a.get(key)).toBeUndefined();
        expect((await a.claim(key)).kind).toBe('unavailable');
        expect(await owner.store(entry('late'))).toEqual({ kind: 'unavailable' });
        expect(await a.replace(key, 'any', entry('none'))).toBeUndefined();
      });
      times.push(took);
    }
    expect(median(times)).toBeLessThan(50);
    await expect(a.purge(['a tag'])).rejects.toThrow();

    await redis.startAgain();
    await Promise.all([back(a), back(b)]);
    await works();
  });

  it('and comes back with its data, is followed from where it was', async () => {
    await render(a, key, 'page');
    await a.purge(['a tag']);
    await vi.waitFor(() => expect(b.purged).toEqual(['a tag']));
    await vi.waitFor(async () =>
      expect(await redis.admin.info('persistence')).toContain('aof_pending_bio_fsync:0'),
    );
    redis.signal('SIGTERM');
    await away(a);
    await redis.startAgain();
    await Promise.all([back(a), back(b)]);
    expect(textOf(await b.get(key))).toBe('page');
    expect([a.losses(), b.losses()]).toEqual([1, 1]);
    await works();
  });

  it('and comes back empty, lets nothing be trusted or stored that is older', async () => {
    const owner = granted(await a.claim(key));
    await redis.admin.flushall();
    // While the disk is busy, Redis keeps what it has to write.
    await vi.waitFor(async () => {
      const persistence = await redis.admin.info('persistence');
      expect(persistence).toContain('aof_pending_bio_fsync:0');
      expect(persistence).toContain('aof_buffer_length:0');
    });
    redis.signal('SIGKILL');
    await Promise.all([away(a), away(b)]);
    await redis.startAgain();
    await Promise.all([back(a), back(b)]);
    await vi.waitFor(() => expect([a.losses(), b.losses()]).toEqual([2, 2]));
    expect(await owner.store(entry('of before'))).toEqual({ kind: 'overtaken' });
    await works();
  });

  it('and comes back as it was before a purge, does not bring the purged page back', async () => {
    const kept = aKey();
    await render(a, key, 'purged later', ['a tag']);
    await render(a, kept, 'not purged');
    const rendering = aKey();
    const saved = await redis.admin.dumpBuffer(key);
    const log = await redis.admin.dumpBuffer('html_shared:purges');
    await a.purge(['a tag']);
    await vi.waitFor(() => expect(b.purged).toEqual(['a tag']));
    const owner = granted(await a.claim(rendering));
    // What a restart from an older snapshot comes to.
    await redis.admin
      .multi()
      .del('html_shared:purged:a tag')
      .restore(key, 0, saved, 'REPLACE')
      .restore('html_shared:purges', 0, log, 'REPLACE')
      .exec();
    expect(await owner.store(entry('of a time that is gone'))).toEqual({ kind: 'overtaken' });
    await vi.waitFor(() => expect([a.losses() > 1, b.losses() > 1]).toEqual([true, true]));
    expect(await a.get(key)).toBeUndefined();
    expect(await b.get(kept)).toBeUndefined();
    await works();
  });
});

describe('a Redis that hangs', () => {
  it('costs the first callers a moment and the others nothing, and takes part again when it goes on', async () => {
    await render(a, key, 'page');
    redis.signal('SIGSTOP');
    const [first, hits] = await timed(() => Promise.all(Array.from({ length: 100 }, () => a.get(key))));
    expect(hits.every((hit) => hit === undefined)).toBe(true);
    expect(first).toBeLessThan(400);
    const [later] = await timed(async () => {
      for (let turn = 0; turn < 1_000; turn += 1) expect((await a.claim(key)).kind).toBe('unavailable');
    });
    expect(later).toBeLessThan(200);
    expect(a.isAvailable()).toBe(false);
    await expect(a.purge(['a tag'])).rejects.toThrow();
    redis.signal('SIGCONT');
    await Promise.all([back(a), back(b)]);
    await works();
  });

  it('does not grant later what nobody waits for any more', async () => {
    redis.signal('SIGSTOP');
    expect((await a.claim(key)).kind).toBe('unavailable');
    redis.signal('SIGCONT');
    await back(b);
    granted(await vi.waitFor(async () => granted(await b.claim(key)), { timeout: 400, interval: 10 }));
  });

  it('tells of the purge that it was asked for when it goes on', async () => {
    redis.signal('SIGSTOP');
    const purge = b.purge(['a tag']);
    expect(await a.get(key)).toBeUndefined();
    redis.signal('SIGCONT');
    await purge;
    await vi.waitFor(() => expect(a.purged).toEqual(['a tag']));
  });
});

describe('a network', () => {
  it('that is too slow is left alone, and brings purges all the same', async () => {
    await render(a, key, 'page');
    const relay = await openRelay(redis.url);
    const slow = await openLevel(relay.url);
    expect(textOf(await slow.get(key))).toBe('page');
    relay.slowDown(80);
    const [first] = await timed(() => slow.get(key));
    const [later] = await timed(async () => {
      for (let turn = 0; turn < 100; turn += 1) expect(await slow.get(key)).toBeUndefined();
    });
    expect(first).toBeGreaterThan(90);
    expect(later).toBeLessThan(90);
    await b.purge(['a tag']);
    await vi.waitFor(() => expect(slow.purged).toEqual(['a tag']), 1_000);
    const [before, seen] = [relay.received(), new Set<boolean>()];
    await vi.waitFor(
      () => {
        seen.add(slow.isAvailable());
        // Several looks at the log, which are answered, but too late.
        expect(relay.received() - before).toBeGreaterThan(300);
      },
      { timeout: 5_000, interval: 5 },
    );
    expect([...seen]).toEqual([false]);
    relay.slowDown(0);
    await back(slow);
    expect(textOf(await slow.get(key))).toBe('page');
  });

  it('that loses everything is not filled with what nobody waits for', async () => {
    const relay = await openRelay(redis.url);
    const cut = await openLevel(relay.url);
    const owner = granted(await cut.claim(key));
    relay.swallow();
    expect(await cut.get(key)).toBeUndefined();
    const before = relay.received();
    for (let turn = 0; turn < 1_000; turn += 1) {
      expect([await cut.get(key), (await cut.claim(aKey())).kind]).toEqual([undefined, 'unavailable']);
    }
    expect(await owner.store(entry('x'.repeat(100_000)))).toEqual({ kind: 'unavailable' });
    // A look at the log, or at whether the connection lives.
    expect(relay.received() - before).toBeLessThan(1_000);
  });

  it('that loses everything without a word is noticed, and both connections are made again', async () => {
    const relay = await openRelay(redis.url);
    const cut = await openLevel(relay.url);
    expect(relay.connections()).toBe(2);
    relay.swallow();
    await b.purge(['while cut off']);
    await vi.waitFor(() => expect(relay.connections()).toBe(4), 5_000);
    await back(cut);
    await vi.waitFor(() => expect(cut.purged).toEqual(['while cut off']));
    const version = await render(a, key, 'page');
    await vi.waitFor(() => expect(cut.stored).toContainEqual([key, version]));
    expect(cut.losses()).toBe(1);
  });
});

describe('a Redis that is of no use for one key', () => {
  it('because it holds something else there, has a miss, and the next render heals it', async () => {
    await redis.admin.set(key, 'not a hash');
    expect(await a.get(key)).toBeUndefined();
    await granted(await a.claim(key)).store(entry('healed'));
    expect(textOf(await b.get(key))).toBe('healed');
  });

  it.each(['payload', 'version', 'sum', 'epoch', 'tags'])(
    'because its %s was damaged, has a miss, and the next render heals it',
    async (field) => {
      await render(a, key, 'page');
      for (const damage of [
        () => redis.admin.hset(key, field, '\u0001"'),
        () => redis.admin.hdel(key, field),
      ]) {
        await damage();
        if (field !== 'version') expect(await a.get(key)).toBeUndefined();
        await granted(await a.claim(key, '\u0001"')).store(entry('healed'));
        expect(textOf(await b.get(key))).toBe('healed');
      }
      expect(a.isAvailable()).toBe(true);
    },
  );

  it('because it has no memory left, goes on serving and purging', async () => {
    const purged = aKey();
    await render(a, key, 'page', ['kept']);
    await render(a, purged, 'page', ['a tag']);
    const rendering = granted(await a.claim(aKey()));
    await redis.admin.config('SET', 'maxmemory', '1');
    expect(textOf(await b.get(key))).toBe('page');
    expect((await a.claim(aKey())).kind).toBe('unavailable');
    expect(await rendering.store(entry('too much'))).toEqual({ kind: 'unavailable' });
    await a.purge(['a tag']);
    expect(await b.get(purged)).toBeUndefined();
    expect(a.isAvailable()).toBe(true);
    await redis.admin.config('SET', 'maxmemory', '0');
    await works();
  });

  it('because its scripts were forgotten, is told them again', async () => {
    await render(a, key, 'page');
    await redis.admin.script('FLUSH');
    expect(textOf(await a.get(key))).toBe('page');
    await works();
  });
});

it('a level that finds no Redis when it starts takes part as soon as there is one', async () => {
  redis.signal('SIGKILL');
  await away(a);
  const [took, late] = await timed(() => openLevel(redis.url));
  expect(took).toBeLessThan(1_500);
  expect([late.isAvailable(), await late.get(key), (await late.claim(key)).kind]).toEqual([
    false,
    undefined,
    'unavailable',
  ]);
  await redis.startAgain();
  await back(late);
  await back(b);
  const version = await render(late, key, 'page');
  expect(await b.get(key)).toMatchObject({ version });
  expect(late.losses()).toBe(1);
});
