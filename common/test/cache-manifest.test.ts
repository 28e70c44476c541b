import { PAGES, tag, touchedBy, touchedByAll } from '@doa-market/common/cache-manifest';
import type { CatalogueEvent, ProductAspect } from '@doa-market/common/contracts';
import { describe, expect, it } from 'vitest';

const ASPECTS: ProductAspect[] = ['price', 'details', 'status', 'stock', 'images', 'rating'];
const facts = {
  ...{ eventId: '01980000-0000-7000-8000-000000000000', aggregateId: '01980000-0000-7000-8000-000000000001' },
  ...{ version: 2, occurredAt: '2026-11-21T09:00:00.000Z', correlationId: 'c', causationId: null },
};

const product = (
  slug: string,
  aspects: ProductAspect[],
  more: { previousSlug?: string; in?: string[] } = {},
) => {
  const { in: categorySlugs = ['living'], ...renamed } = more;
  const payload = { slug, categorySlugs, aspects, ...renamed };
  return { ...facts, eventType: 'product.changed', aggregateType: 'product', payload } as const;
};
const category = (slug: string, previousSlug?: string): CatalogueEvent => ({
  ...{ ...facts, eventType: 'category.changed', aggregateType: 'category' },
  payload: { slug, ...(previousSlug !== undefined && { previousSlug }) },
});
const banner: CatalogueEvent = {
  ...{ ...facts, eventType: 'banner.changed', aggregateType: 'banner', payload: { slug: 'autumn' } },
};
const show = (aspects: ('details' | 'seats')[]): CatalogueEvent => ({
  ...{ ...facts, eventType: 'event.changed', aggregateType: 'event', payload: { slug: 'concert', aspects } },
});

describe('what a change touches', () => {
  it.each<[string, CatalogueEvent, string[], string[]]>([
    [
      'a price',
      product('lamp', ['price']),
      ['product:lamp', 'home', 'category:living'],
      ['/api/products/lamp', '/api/home', '/api/categories/living', '/api/search'],
    ],
    ['its stock', product('lamp', ['stock']), ['stock:lamp'], ['/api/products/lamp']],
    [
      'its pictures',
      product('lamp', ['images']),
      ['product:lamp'],
      ['/api/products/lamp', '/api/home', '/api/categories/living', '/api/search'],
    ],
    [
      'its status',
      product('lamp', ['status']),
      ['product:lamp', 'home', 'category:living', 'categories'],
      [
        '/api/products/lamp',
        '/api/home',
        '/api/categories/living',
        '/api/search',
        '/api/categories',
        '/api/search/suggest',
      ],
    ],
    [
      'its rating',
      product('lamp', ['rating']),
      ['product:lamp', 'home', 'category:living'],
      ['/api/products/lamp', '/api/home', '/api/categories/living', '/api/search'],
    ],
    [
      'its name, address and category at once',
      product('lamp', ['details'], { previousSlug: 'light', in: ['living', 'digital'] }),
      ['product:lamp', 'product:light', 'home', 'category:living', 'category:digital', 'categories'],
      [
        '/api/products/lamp',
        '/api/products/light',
        ...['/api/home', '/api/categories/living', '/api/categories/digital', '/api/search'],
        ...['/api/categories', '/api/search/suggest'],
      ],
    ],
    [
      'a category and its address',
      category('living', 'home-living'),
      ['home', 'categories', 'navigation', 'category:living', 'category:home-living'],
      [
        ...['/api/home', '/api/categories', '/api/categories/living', '/api/categories/home-living'],
        ...['/api/search', '/api/search/suggest'],
      ],
    ],
    ['a banner', banner, ['home'], ['/api/home']],
    [
      'an event',
      show(['details']),
      ['event:concert', 'events', 'home'],
      ['/api/events/concert', '/api/events', '/api/home'],
    ],
    ['its seats', show(['seats']), ['event:concert'], ['/api/events/concert']],
  ])('%s', (_, event, tags, gatewayPaths) => {
    expect(touchedBy(event)).toEqual({ tags, gatewayPaths });
  });
});

/** Every set of aspects. */
const SETS = Array.from({ length: 2 ** ASPECTS.length - 1 }, (_, index) =>
  ASPECTS.filter((_aspect, bit) => (index + 1) & (1 << bit)),
);

describe('whatever of a product changes', () => {
  it.each(SETS.map((aspects) => [aspects.join(', '), aspects] as const))('%s', (_, aspects) => {
    const { tags, gatewayPaths } = touchedBy(product('lamp', [...aspects]));
    const own = ['product:lamp', 'stock:lamp'];
    expect(tags.some((it) => own.includes(it))).toBe(true);
    expect(gatewayPaths).toContain('/api/products/lamp');
    // Nothing of another product, of another category, or that every page has.
    const allowed = [...own, 'category:living', 'home', 'categories'];
    expect(tags.filter((it) => !allowed.includes(it))).toEqual([]);
    const ways = ['/api/products/lamp', '/api/categories/living', '/api/home', '/api/categories'];
    ways.push('/api/search', '/api/search/suggest');
    expect(gatewayPaths.filter((it) => !ways.includes(it))).toEqual([]);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('touches all that its parts touch', () => {
    for (const aspects of SETS) {
      const together = touchedBy(product('lamp', aspects)).tags;
      // Its own page has both tags, so the wider one says it for both.
      const apart = aspects.flatMap((aspect) => touchedBy(product('lamp', [aspect])).tags);
      const wanted = together.includes('product:lamp') ? apart.filter((it) => it !== 'stock:lamp') : apart;
      expect(together).toEqual(expect.arrayContaining(wanted));
    }
  });
});

describe('several changes', () => {
  it('touch what each of them does, once', () => {
    const burst = Array.from({ length: 1_000 }, () => product('lamp', ['stock']));
    expect(touchedByAll([...burst, banner])).toEqual({
      tags: ['stock:lamp', 'home'],
      gatewayPaths: ['/api/products/lamp', '/api/home'],
    });
    expect(touchedByAll([])).toEqual({ tags: [], gatewayPaths: [] });
  });
});

describe('the pages', () => {
  it('are each touched by what they are about', () => {
    const touched = new Set(
      touchedByAll([
        product('{slug}', ['status'], { in: ['{slug}'] }),
        { ...show(['details']), payload: { slug: '{id}', aspects: ['details'] } } as CatalogueEvent,
      ]).tags,
    );
    for (const [pattern, tags] of Object.entries(PAGES)) {
      expect(
        tags.some((it) => touched.has(it)),
        pattern,
      ).toBe(true);
    }
  });

  it('all show the navigation', () => {
    for (const tags of Object.values(PAGES)) expect(tags).toContain(tag.navigation);
  });
});

describe('the products of a page', () => {
  it('are named once each', () => {
    const shown = [{ slug: 'mug' }, { slug: 'lamp' }, { slug: 'mug' }];
    expect(tag.products(shown)).toEqual(['product:mug', 'product:lamp']);
  });

  it('stay within what Next.js keeps for one page', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ slug: `product-${index}` }));
    expect(tag.products(many).length).toBeLessThan(120);
  });
});
