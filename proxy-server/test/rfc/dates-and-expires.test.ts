import { expect, test } from 'vitest';
import { at, type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

/** A day in the next year, as the three forms of RFC 9110 section 5.6.7 write it. */
const soon = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 10, 6, 8, 49, 37));
const IMF = soon.toUTCString();
const [day = '', date = '', month = '', year = ''] = IMF.replace(',', '').split(' ');
const TIME = '08:49:37';
const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LONG_DAY = LONG_DAYS[soon.getUTCDay()];

const EXPIRES: [clause: string, expires: string | string[], second: Outcome][] = [
  ['RFC 9110 5.6.7: an IMF-fixdate is a date', IMF, 'reused'],
  [
    'RFC 9110 5.6.7: so is one of RFC 850',
    `${LONG_DAY}, ${date}-${month}-${year.slice(2)} ${TIME} GMT`,
    'reused',
  ],
  ['RFC 9110 5.6.7: so is one of asctime', `${day} ${month}  ${Number(date)} ${TIME} ${year}`, 'reused'],
  [
    'RFC 9110 5.6.7: two digits more than fifty years ahead are of the past',
    `Sunday, 06-Nov-${String((Number(year) + 60) % 100).padStart(2, '0')} ${TIME} GMT`,
    'fetched',
  ],
  ['RFC 9111 4.2: the case of a weekday does not matter', IMF.replace(day, day.toUpperCase()), 'reused'],
  ['RFC 9111 4.2: nor that of a month', IMF.replace(month, month.toLowerCase()), 'reused'],
  ['RFC 9111 4.2: nor that of the zone', IMF.replace('GMT', 'gmt'), 'reused'],
  ['RFC 9111 4.2: UTC is as good as GMT', IMF.replace('GMT', 'UTC'), 'reused'],
  ['RFC 9111 4.2: no other zone is', IMF.replace('GMT', 'AEST'), 'fetched'],
  ['RFC 9111 4.2: nor is an offset', IMF.replace('GMT', '+0000'), 'fetched'],
  ['RFC 9111 5.3: 0 is a date of the past', '0', 'fetched'],
  ['RFC 9111 5.3: so is -1', '-1', 'fetched'],
  ['RFC 9111 5.3: so is what is no date', 'tomorrow', 'fetched'],
  ['RFC 9111 5.3: so is nothing', '', 'fetched'],
  ['RFC 9111 5.3: so is an ISO date', soon.toISOString(), 'fetched'],
  ['RFC 9111 5.3: so is a day that does not exist', `Mon, 30 Feb ${year} ${TIME} GMT`, 'fetched'],
  [
    'RFC 9111 5.3: so is an hour that does not exist',
    `${day}, ${date} ${month} ${year} 25:49:37 GMT`,
    'fetched',
  ],
  ['RFC 9111 5.3: a year that needs more than 32 bits is fine', 'Thu, 18 Aug 2050 02:01:18 GMT', 'reused'],
  ['RFC 9111 5.3: so is the last year of all', 'Fri, 31 Dec 9999 23:59:59 GMT', 'reused'],
  ['RFC 9111 4.2.1: of two dates, the first counts or none', [at(-1_000), at(1_000)], 'fetched'],
];

test.each(EXPIRES)('%s', async (_clause, Expires, second) => {
  expect(await cache.outcome({ says: [{ headers: { Expires } }] })).toBe(second);
});

const DATES: [clause: string, headers: Record<string, string>, second: Outcome][] = [
  [
    'RFC 9111 4.2.3: a Date that is none is no age',
    { 'Cache-Control': 'max-age=60', Date: 'today' },
    'reused',
  ],
  ['RFC 9111 4.2.1: and Expires counts from the arrival then', { Expires: IMF, Date: 'today' }, 'reused'],
  [
    'RFC 9111 4.2.1: where there is Date in the form of asctime, it counts',
    { 'Cache-Control': 'max-age=60', Date: 'Sun Nov  6 08:49:37 1994' },
    'fetched',
  ],
];

test.each(DATES)('%s', async (_clause, headers, second) => {
  expect(await cache.outcome({ says: [{ headers }] })).toBe(second);
});

const AGES: [clause: string, age: string | string[], second: Outcome][] = [
  ['RFC 9111 5.1: an Age that is a word is ignored', 'old', 'reused'],
  ['RFC 9111 5.1: so is a negative one', '-7200', 'reused'],
  ['RFC 9111 5.1: so is a fraction', '7200.0', 'reused'],
  ['RFC 9111 5.1: of a list, the first counts (old)', '7200, 0', 'fetched'],
  ['RFC 9111 5.1: of a list, the first counts (young)', '0, 7200', 'reused'],
  ['RFC 9111 5.1: of two lines, the first counts (old)', ['7200', '0'], 'fetched'],
  ['RFC 9111 5.1: of two lines, the first counts (young)', ['0', '7200'], 'reused'],
  ['RFC 9111 1.2.2: an Age of 2^31 is old', '2147483648', 'fetched'],
  ['RFC 9111 1.2.2: an Age beyond every number is old', '9'.repeat(400), 'fetched'],
];

test.each(AGES)('%s', async (_clause, Age, second) => {
  const says = [{ headers: { 'Cache-Control': 'max-age=3600', Age } }];
  expect(await cache.outcome({ says })).toBe(second);
});
