import { describe, expect, it } from 'vitest';
import { tag } from '../src/api/cache-tags';

describe('the tags of a page', () => {
  it('name each product that it shows once', () => {
    const shown = [{ slug: 'mug' }, { slug: 'lamp' }, { slug: 'mug' }];
    expect(tag.products(shown)).toEqual(['product:mug', 'product:lamp']);
  });

  it('stay within what Next.js keeps for one page', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ slug: `product-${index}` }));
    expect(tag.products(many).length).toBeLessThan(120);
  });
});
