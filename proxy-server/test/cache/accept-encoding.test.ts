import { expect, test } from 'vitest';
import { acceptedEncodings } from '../../src/cache/fields/accept-encoding.ts';

test.each([
  [null, ['identity']],
  ['', ['identity']],
  ['gzip', ['gzip', 'identity']],
  ['gzip, deflate, br, zstd', ['br', 'gzip', 'identity']],
  ['br;q=0.5, gzip;q=0.8', ['gzip', 'br', 'identity']],
  ['GZIP;Q=1', ['gzip', 'identity']],
  ['x-gzip', ['gzip', 'identity']],
  ['*', ['br', 'gzip', 'identity']],
  ['*;q=0.1, gzip', ['gzip', 'br', 'identity']],
  ['br;q=0, *', ['gzip', 'identity']],
  ['identity, gzip;q=0.5', ['identity', 'gzip']],
  ['identity;q=0, gzip', ['gzip', 'identity']],
  ['gzip;q=0', ['identity']],
  ['gzip;q=nonsense', ['identity']],
  ['deflate', ['identity']],
])('%j is answered with the first there is of %j', (header, expected) => {
  expect(acceptedEncodings(header)).toEqual(expected);
});
