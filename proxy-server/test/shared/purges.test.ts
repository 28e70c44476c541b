import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVERYTHING } from '../../src/shared/shared-level.ts';
import { aKey, entry, granted, openLevel, render, type TestLevel, textOf } from './support/levels.ts';
import { openRedis, type TestRedis } from './support/redis.ts';

let redis: TestRedis;
let a: TestLevel;
let b: TestLevel;
let tag: string;

beforeAll(async () => {
  redis = await openRedis();
});
afterAll(() => redis.close());

let tags = 0;
beforeEach(async () => {
  [a, b] = await Promise.all([openLevel(redis.url), openLevel(redis.url)]);
  tag = `product:${++tags}`;
});

/** The same numbers every time, evenly spread over 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('a purge', () => {
  it('ends what shows one of its tags, and nothing else', async () => {
    const [shown, other] = [aKey(), aKey()];
    await render(a, shown, 'shows it', ['category:1', tag]);
    await render(a, other, 'does not', ['category:1']);
    await b.purge(['unheard-of', tag]);
    expect(await a.get(shown)).toBeUndefined();
    expect(textOf(await a.get(other))).toBe('does not');
  });

  it('lets the same page be rendered again, and that one stay', async () => {
    const key = aKey();
    await render(a, key, 'before', [tag]);
    await a.purge([tag]);
    await render(b, key, 'after', [tag]);
    expect(textOf(await a.get(key))).toBe('after');
  });

  it('wins over a render that began before it, whoever does either', async () => {
    const key = aKey();
    const owner = granted(await a.claim(key));
    const waiting = await b.claim(key);
    await b.purge([tag]);
    expect(await owner.store(entry('of before', [tag]))).toEqual({ kind: 'purged' });
    expect(waiting.kind === 'elsewhere' && (await waiting.settled)).toBeUndefined();
    expect(await a.get(key)).toBeUndefined();
    granted(await b.claim(key));
  });

  it('of everything ends what has no tags too', async () => {
    const [stored, rendering] = [aKey(), aKey()];
    await render(a, stored, 'a page');
    const owner = granted(await a.claim(rendering));
    const [lossesOfA, lossesOfB] = [a.losses(), b.losses()];
    await a.purge([EVERYTHING]);
    expect(a.losses()).toBe(lossesOfA + 1);
    await vi.waitFor(() => expect(b.losses()).toBe(lossesOfB + 1));
    expect(await b.get(stored)).toBeUndefined();
    expect(await owner.store(entry('of before'))).toEqual({ kind: 'purged' });
  });

  it('of nothing is none', async () => {
    await a.purge([]);
    await a.purge([tag]);
    await vi.waitFor(() => expect(b.purged).toEqual([tag]));
  });

  it('of thousands of tags is one', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `${tag}:${index}`);
    const key = aKey();
    await render(a, key, 'one of them', [`${tag}:9999`]);
    await b.purge(many);
    expect(await a.get(key)).toBeUndefined();
    await vi.waitFor(() => expect(a.purged).toEqual(many));
  });

  it('costs a key a tag, which go by themselves', async () => {
    await a.purge([tag]);
    const ofPurges = await redis.admin.keys('html_shared:purge*');
    expect(ofPurges).toContain(`html_shared:purged:${tag}`);
    const lives = await Promise.all(ofPurges.map((name) => redis.admin.pttl(name)));
    expect(Math.min(...lives)).toBeGreaterThan(0);
  });

  it('never loses against a store, in 400 races', async () => {
    const random = seeded(20_261_121);
    const outcomes = { stored: 0, purged: 0 };
    for (let round = 0; round < 400; round += 1) {
      const [key, raced] = [aKey(), `${tag}:${round}`];
      // What the origin says, and what the page says that was rendered from it.
      let truth = 'old';
      const owner = granted(await a.claim(key));
      const turns = async (limit: number) => {
        for (let turn = Math.floor(random() * limit); turn > 0; turn -= 1) await new Promise(setImmediate);
      };
      const renders = (async () => {
        await turns(6);
        const seen = truth;
        await turns(12);
        return owner.store(entry(seen, [raced]));
      })();
      const changes = (async () => {
        await turns(12);
        truth = 'new';
        await b.purge([raced]);
      })();
      const [outcome] = await Promise.all([renders, changes]);
      if (outcome.kind !== 'stored' && outcome.kind !== 'purged') throw new Error(outcome.kind);
      outcomes[outcome.kind] += 1;
      expect([undefined, 'new']).toContain(textOf(await a.get(key)));
    }
    expect(outcomes.stored).toBeGreaterThan(0);
    expect(outcomes.purged).toBeGreaterThan(0);
  });
});

describe('every process', () => {
  it('knows of a purge here when it is done', async () => {
    await a.purge([tag]);
    expect(a.purged).toEqual([tag]);
  });

  it('knows within a second of a purge elsewhere, 50 times out of 50, and hears of it once', async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      const [from, to] = turn % 2 === 0 ? [a, b] : [b, a];
      const startedAt = performance.now();
      await from.purge([`${tag}:${turn}`]);
      await vi.waitFor(() => expect(to.purged).toContain(`${tag}:${turn}`), { interval: 1 });
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
    await a.purge([`${tag}:last`]);
    await vi.waitFor(() => expect(b.purged).toContain(`${tag}:last`));
    expect([a.purged.length, b.purged.length]).toEqual([51, 51]);
    expect([a.losses(), b.losses()]).toEqual([1, 1]);
  });

  it('knows within a second even when no message comes through, 5 times out of 5', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await redis.dropSubscribers();
      const startedAt = performance.now();
      await a.purge([`${tag}:${turn}`]);
      await vi.waitFor(() => expect(b.purged).toContain(`${tag}:${turn}`), { interval: 5 });
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });

  it('hears messages again after its subscription was cut', async () => {
    await redis.dropSubscribers();
    await vi.waitFor(async () => {
      const key = aKey();
      const version = await render(a, key, 'page');
      await vi.waitFor(() => expect(b.stored).toContainEqual([key, version]), { timeout: 200 });
    }, 5_000);
  });

  it('that was too far behind to know each purge is told to trust nothing', async () => {
    const [before, purgesBefore] = [b.losses(), b.purged.length];
    // A log that no longer has what this process knows, as after a thousand purges during a long pause.
    await redis.admin.call(
      'XADD',
      'html_shared:purges',
      'MAXLEN',
      '1',
      `${Date.now() * 2_000}-0`,
      'tags',
      '["x"]',
    );
    await vi.waitFor(() => expect(b.losses()).toBe(before + 1));
    expect(b.purged.length).toBe(purgesBefore);
    await a.purge([tag]);
    await vi.waitFor(() => expect(b.purged).toEqual([tag]));
  });
});
