import { expect, test } from 'vitest';
import { parseCacheControl } from '../../src/cache/fields/cache-control.ts';
import { ageOnArrival } from '../../src/cache/freshness.ts';

test.each([
  ['s-maxage=60', 60],
  ['S-MaxAge=60', 60],
  ['public,s-maxage=60,stale-while-revalidate=1', 60],
  ['s-maxage="60"', 60],
  ['s-maxage=60, s-maxage=60', 60],
  ['s-maxage=60, s-maxage=3600', 0],
  ['s-maxage=-1', 0],
  ['s-maxage=1.5', 0],
  ['s-maxage', 0],
  ['s-maxage=99999999999999999999', 2 ** 31],
  ['ext="s-maxage=5"', undefined],
  ['xs-maxage=5', undefined],
  ['', undefined],
])('%j says s-maxage %s', (field, seconds) => {
  expect(parseCacheControl(field).seconds('s-maxage')).toBe(seconds);
});

test('a directive is found whatever surrounds it, and not inside a string', () => {
  const control = parseCacheControl(
    ' ,, Private="set-cookie, x", max-age=5 ,ext="no-store",, foo="\\"no-cache"',
  );
  expect(control.has('private')).toBe(true);
  expect(control.has('no-store')).toBe(false);
  expect(control.has('no-cache')).toBe(false);
  expect(control.seconds('max-age')).toBe(5);
});

test('age on arrival is the larger of what is stated and what the date tells', () => {
  const at = Date.parse('2026-11-20T00:01:00Z');
  const age = (headers: Record<string, string>) =>
    ageOnArrival({ headers: new Headers(headers), requestedAt: at - 2_000, respondedAt: at });
  expect(age({ age: '45' })).toBe(47);
  expect(age({ date: 'Fri, 20 Nov 2026 00:00:00 GMT' })).toBe(60);
  expect(age({ age: '5', date: 'Fri, 20 Nov 2026 00:00:00 GMT' })).toBe(60);
  expect(age({ age: 'old', date: 'never' })).toBe(2);
});
