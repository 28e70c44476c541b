import { expect, test } from 'vitest';
import { responseControl } from '../../src/cache/fields/response-control.ts';
import { lifetimeOf } from '../../src/cache/freshness.ts';
import { unstorable } from '../../src/cache/storability.ts';
import { judgePage } from '../../src/policy/storefront-verdict.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');

function judged(fields: Record<string, string>, status = 200) {
  const headers = new Headers({ 'content-type': 'text/html', 'content-length': '1', ...fields });
  const control = responseControl(headers);
  const arrival = { headers, control, respondedAt: NOW };
  return judgePage({
    lookup: { kind: 'lookup', key: 'html_cache:shop/', tags: ['home'], shareable: true },
    status,
    headers,
    control,
    lifetime: lifetimeOf(arrival),
    forbidden: unstorable({ request: new Headers(), response: { status, headers }, ...arrival }),
  });
}

test.each([
  ['s-maxage=60', { fresh: 60, staleWhileRevalidate: 600, staleIfError: 3600 }],
  ['max-age=30', { fresh: 30, staleWhileRevalidate: 600, staleIfError: 3600 }],
  [
    'max-age=30, s-maxage=60, stale-while-revalidate=31535940',
    { fresh: 60, staleWhileRevalidate: 600, staleIfError: 3600 },
  ],
  [
    's-maxage=60, stale-while-revalidate=5, stale-if-error=7',
    { fresh: 60, staleWhileRevalidate: 5, staleIfError: 7 },
  ],
  ['s-maxage=60, must-revalidate', { fresh: 60, staleWhileRevalidate: 0, staleIfError: 0 }],
  ['s-maxage=60, proxy-revalidate', { fresh: 60, staleWhileRevalidate: 0, staleIfError: 0 }],
  ['s-maxage=0, max-age=60', 'no lifetime'],
  ['public', 'no lifetime'],
])('%j gives a page a life of %o', (field, expected) => {
  const verdict = judged({ 'cache-control': field });
  if (typeof expected === 'string') expect(verdict).toEqual({ kind: 'share', reason: expected });
  else expect(verdict).toMatchObject({ kind: 'keep', lifetime: expected });
});

test('a page that is not there is kept for ten seconds at most, and never served stale', () => {
  const life = (field: string) => judged({ 'cache-control': field }, 404);
  expect(life('s-maxage=60, stale-while-revalidate=600')).toMatchObject({
    kind: 'keep',
    lifetime: { fresh: 10, staleWhileRevalidate: 0, staleIfError: 0 },
  });
  expect(life('s-maxage=5')).toMatchObject({ lifetime: { fresh: 5 } });
  expect(life('private, no-store')).toEqual({ kind: 'share', reason: 'status 404' });
});

test('a page is tagged with what its route and its origin say that it shows', () => {
  const verdict = judged({ 'cache-control': 's-maxage=60', 'cache-tag': 'product:a, product:b,, bad tag' });
  expect(verdict).toMatchObject({ tags: ['home', 'product:a', 'product:b'] });
});

test.each([
  [301, { 'cache-control': 's-maxage=60' }],
  [200, { 'cache-control': 's-maxage=60', 'content-type': 'text/plain' }],
  [500, { 'cache-control': 's-maxage=60' }],
])('an answer %s of %j is shared with those who wait, and not kept', (status, fields) => {
  expect(judged(fields, status).kind).toBe('share');
});

test.each([
  [{ 'cache-control': 's-maxage=60', 'set-cookie': 'a=1' }],
  [{ 'cache-control': 's-maxage=60', vary: 'Cookie' }],
  [{ 'cache-control': 's-maxage=60', vary: '*' }],
  [{ 'cache-control': 'private, s-maxage=60' }],
  [{ 'cache-control': 's-maxage=60', 'content-encoding': 'br' }],
  [{ 'cache-control': 's-maxage=60', 'x-nextjs-postponed': '1' }],
])('a page with %j is asked for by each visitor', (fields) => {
  expect(judged(fields).kind).toBe('personal');
});
