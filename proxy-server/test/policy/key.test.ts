import { expect, test } from 'vitest';
import { pageAddress } from '../../src/policy/key.ts';
import { CACHE_ROUTES, createRouteTable } from '../../src/policy/routes.ts';

const findRoute = createRouteTable(CACHE_ROUTES);
const keyOf = (path: string, query = '') => {
  const route = findRoute(path);
  return route && pageAddress('shop', path, query, route)?.key;
};

test.each([
  ['/', 'html_cache:shop/'],
  ['/categories/food', 'html_cache:shop/categories/food'],
  ['/products/%EC%82%AC%EA%B3%BC', 'html_cache:shop/products/%EC%82%AC%EA%B3%BC'],
  ['/products/%ec%82%ac', 'html_cache:shop/products/%EC%82%AC'],
  ['/products/%61bc', 'html_cache:shop/products/abc'],
  ['/products/', undefined],
  ['/products/a/', undefined],
  ['/products', undefined],
  ['/Products/a', undefined],
  ['/cart', undefined],
  [`/products/${'a'.repeat(201)}`, undefined],
])('%s has the key %s', (path, key) => {
  expect(keyOf(path)).toBe(key);
});

test.each([
  ['page=2&sort=new', '?page=2&sort=new'],
  ['sort=new&page=2', '?page=2&sort=new'],
  ['utm_source=a&page=2&gclid=b', '?page=2'],
  ['%70age=2', '?page=2'],
  ['utm_source=a', ''],
])('of the query %s the key keeps %s', (query, kept) => {
  expect(keyOf('/categories/food', query)).toBe(`html_cache:shop/categories/food${kept}`);
});
