import { expect, test } from 'vitest';
import { at, type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

type Row = [clause: string, targeted: string | string[], cacheControl: string | undefined, second: Outcome];

const ROWS: Row[] = [
  ['RFC 9213 3.1: it gives a life', 'max-age=60', undefined, 'reused'],
  ['RFC 9213 2.2: a longer one than Cache-Control', 'max-age=60', 'max-age=0', 'reused'],
  ['RFC 9213 2.2: a shorter one', 'max-age=0', 'max-age=60', 'fetched'],
  ['RFC 9213 2.2: a shorter one than s-maxage', 'max-age=0', 's-maxage=60', 'fetched'],
  ['RFC 9213 2.2: no-store is meant for others then', 'max-age=60', 'no-store', 'reused'],
  ['RFC 9213 2.2: so is private', 'max-age=60', 'private', 'reused'],
  ['RFC 9213 2.2: it forbids what Cache-Control allows', 'no-store', 'max-age=60', 'fetched'],
  ['RFC 9213 2.2: also private', 'private', 'max-age=60', 'fetched'],
  ['RFC 9213 2.2: and no-cache', 'no-cache', 'max-age=60', 'fetched'],
  [
    'RFC 9213 2.2: where it says nothing of a life, there is none',
    'must-revalidate',
    'max-age=60',
    'fetched',
  ],
  ['RFC 9213 2.1: empty, it is not there', '', 'max-age=60', 'reused'],
  ['RFC 9213 2.1: what is no dictionary is not there', 'max-age=60, &&&', 'no-store', 'fetched'],
  ['RFC 9213 2.1: and forbids nothing', 'no-store, &&&', 'max-age=60', 'reused'],
  ['RFC 8941 3.2: nor is one that ends with a comma', 'max-age=60,', 'no-store', 'fetched'],
  ['RFC 8941 3.2: nor one with an empty member', 'max-age=60,,a', 'no-store', 'fetched'],
  ['RFC 8941 3.1.2: nor one with a name in capitals', 'Max-Age=60', 'no-store', 'fetched'],
  ['RFC 8941 3.2: nor one with a space before the equals sign', 'max-age =60', 'no-store', 'fetched'],
  ['RFC 8941 3.3.3: nor one with a string that never ends', 'max-age=60, x="y', 'no-store', 'fetched'],
  ['RFC 8941 3.2: of two values the last counts', 'max-age=0, max-age=60', undefined, 'reused'],
  ['RFC 8941 3.2: also where it is the shorter', 'max-age=60, max-age=0', 'max-age=60', 'fetched'],
  ['RFC 8941 3.2: two lines are one dictionary', ['max-age=60', 'no-store'], undefined, 'fetched'],
  ['RFC 9213 2.1: parameters mean nothing', 'max-age=60;no-store;x=1', undefined, 'reused'],
  ['RFC 9213 2.1: nor do unknown members', 'x=(a b), max-age=60, y=?0, z=:AA==:', undefined, 'reused'],
  ['RFC 9213 2.1: seconds are an integer, not a string', 'max-age="60"', 'no-store', 'fetched'],
  ['RFC 9213 2.1: nor a token', 'max-age=soon', 'no-store', 'fetched'],
  ['RFC 9213 2.1: nor a decimal', 'max-age=60.5', 'no-store', 'fetched'],
  ['RFC 9213 2.1: nor negative', 'max-age=-60', 'no-store', 'fetched'],
  ['RFC 9213 2.1: nor true', 'max-age', 'no-store', 'fetched'],
  ['RFC 9111 4.2.1: s-maxage counts here as well', 's-maxage=60, max-age=0', undefined, 'reused'],
  ['RFC 9111 1.2.2: a life of many digits is long', 'max-age=99999999999', undefined, 'reused'],
];

test.each(ROWS)('%s (%s)', async (_clause, targeted, cacheControl, second) => {
  const headers = { 'CDN-Cache-Control': targeted, ...(cacheControl && { 'Cache-Control': cacheControl }) };
  expect(await cache.outcome({ says: [{ headers }] })).toBe(second);
});

test('RFC 9213 2.2: Expires means nothing beside it', async () => {
  const expires = (seconds: number) => ({ Date: at(0), Expires: at(seconds) });
  const says = (headers: Record<string, string>) => [{ headers }];
  expect(await cache.outcome({ says: says({ 'CDN-Cache-Control': 'max-age=60', ...expires(-60) }) })).toBe(
    'reused',
  );
  expect(
    await cache.outcome({ says: says({ 'CDN-Cache-Control': 'must-revalidate', ...expires(60) }) }),
  ).toBe('fetched');
});

test('RFC 9111 4.2.3: Age counts as ever', async () => {
  const headers = { 'CDN-Cache-Control': 'max-age=60', Age: '100' };
  expect(await cache.outcome({ says: [{ headers }] })).toBe('fetched');
});

test('RFC 5861 3: it may leave a window for renewal', async () => {
  const headers = { 'CDN-Cache-Control': 'max-age=60, stale-while-revalidate=60', Age: '100' };
  expect(await cache.outcome({ says: [{ headers }] })).toBe('stale');
});

test('RFC 9213 2.2: clients get both fields as they are', async () => {
  const headers = { 'CDN-Cache-Control': 'max-age=60', 'Cache-Control': 'no-store' };
  const [, second] = await cache.play({ says: [{ headers }] });
  expect(second?.reply.headers).toMatchObject({
    'cache-control': 'no-store',
    'cdn-cache-control': 'max-age=60',
  });
});

test('RFC 9213 2: fields for other caches are not for this one', async () => {
  const headers = { 'Example-CDN-Cache-Control': 'max-age=60' };
  expect(await cache.outcome({ says: [{ headers }] })).toBe('fetched');
});
