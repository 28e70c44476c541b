import { describe, expect, it } from 'vitest';
import {
  findSku,
  firstSelection,
  isAvailable,
  queryFromSelection,
  selectionFromQuery,
} from '../src/domains/catalogue/selection';

const options = [{ name: '색상' }, { name: '사이즈' }];
const skus = [
  { values: ['오트밀', 'S'], price: 89_000, stock: 0 },
  { values: ['오트밀', 'M'], price: 89_000, stock: 4 },
  { values: ['차콜', 'S'], price: 94_000, stock: 1 },
];

describe('the selection of options', () => {
  it('begins with something that can be had', () => {
    expect(firstSelection(skus)).toEqual(['오트밀', 'M']);
    expect(firstSelection(skus.slice(0, 1))).toEqual(['오트밀', 'S']);
    expect(firstSelection([])).toEqual([]);
  });

  it('names one SKU, or none', () => {
    expect(findSku(skus, ['차콜', 'S'])?.price).toBe(94_000);
    expect(findSku(skus, ['차콜', 'M'])).toBeUndefined();
    expect(findSku([{ values: [], price: 1, stock: 1 }], [])?.stock).toBe(1);
  });

  it('knows which values lead to stock', () => {
    expect(isAvailable(skus, ['오트밀', 'M'], 1, 'S')).toBe(false);
    expect(isAvailable(skus, ['차콜', 'S'], 0, '오트밀')).toBe(false);
    expect(isAvailable(skus, ['오트밀', 'S'], 0, '차콜')).toBe(true);
  });

  it('survives a round trip through the address, beside other parameters', () => {
    const query = queryFromSelection('?utm_source=mail', options, ['차콜', 'S']);
    expect(query).toContain('utm_source=mail');
    expect(selectionFromQuery(query, options, skus)).toEqual(['차콜', 'S']);
  });

  it.each(['', '?색상=차콜', '?색상=없음&사이즈=S', '?%', '?색상=차콜&사이즈=M'])(
    'ignores an address that names nothing that exists: %j',
    (query) => {
      expect(selectionFromQuery(query, options, skus)).toBeUndefined();
    },
  );
});
