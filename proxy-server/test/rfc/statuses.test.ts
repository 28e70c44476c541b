import { expect, test } from 'vitest';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { 'Cache-Control': 'max-age=600' };

const STATUSES = [
  200, 203, 204, 299, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414, 451, 499, 500, 501,
  502, 503, 504, 599,
];

test.each(STATUSES)('RFC 9111 3: %d is reused as long as it says it may be', async (status) => {
  const told = await cache.play({ says: [{ status, headers: { ...FRESH, Location: '/elsewhere' } }] });
  expect(told[1]?.outcome).toBe('reused');
  for (const { reply } of told) {
    expect(reply).toMatchObject({
      status,
      text: status === 204 ? '' : 'answer 1',
      headers: { location: '/elsewhere' },
    });
  }
});

test.each(STATUSES)('RFC 9111 4.2.2: %d is not, if it does not', async (status) => {
  expect(await cache.outcome({ says: [{ status, headers: { Location: '/elsewhere' } }] })).toBe('fetched');
});

const UNDERSTOOD: [clause: string, status: number, cacheControl: string, second: Outcome][] = [
  [
    'RFC 9111 5.2.2.3: who understands the status may store what must be understood',
    200,
    'max-age=60, must-understand, no-store',
    'reused',
  ],
  ['RFC 9111 5.2.2.3: who does not, must not', 599, 'max-age=60, must-understand', 'fetched'],
  ['RFC 9111 5.2.2.3: nor with no-store', 599, 'max-age=60, must-understand, no-store', 'fetched'],
  ['RFC 9111 5.2.2.3: private stays private', 200, 'max-age=60, must-understand, private', 'fetched'],
];

test.each(UNDERSTOOD)('%s', async (_clause, status, cacheControl, second) => {
  expect(await cache.outcome({ says: [{ status, headers: { 'Cache-Control': cacheControl } }] })).toBe(
    second,
  );
});

test('RFC 9111 3: a 304 that nobody asked for is no answer to others', async () => {
  const told = await cache.play({
    says: [{ status: 304, headers: { ...FRESH, ETag: '"a"' } }, { headers: FRESH }],
  });
  expect(told[1]?.reply).toMatchObject({ status: 200, text: 'answer 2' });
});
