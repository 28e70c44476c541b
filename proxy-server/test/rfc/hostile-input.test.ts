import { expect, test } from 'vitest';
import { type Outcome, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = 'Cache-Control: max-age=600';
const raw = (...lines: string[]) => lines.join('\r\n');

/** Ends of answers that cannot be told from a break must not become the answer for everybody. */
const BODIES: [clause: string, bytes: string, second: Outcome][] = [
  [
    'RFC 9112 6.3: a body as long as it says is whole',
    raw('HTTP/1.1 200 OK', FRESH, 'Content-Length: 4', '', 'body'),
    'reused',
  ],
  [
    'RFC 9112 8: a shorter one is broken',
    raw('HTTP/1.1 200 OK', FRESH, 'Content-Length: 40', '', 'body'),
    'fetched',
  ],
  [
    'RFC 9112 7.1: chunks with an end are whole',
    raw('HTTP/1.1 200 OK', FRESH, 'Transfer-Encoding: chunked', '', '4', 'body', '0', '', ''),
    'reused',
  ],
  [
    'RFC 9112 8: without one they are broken',
    raw('HTTP/1.1 200 OK', FRESH, 'Transfer-Encoding: chunked', '', '4', 'body', ''),
    'fetched',
  ],
  [
    'RFC 9112 8: where only the connection ends, nobody knows',
    raw('HTTP/1.1 200 OK', FRESH, '', 'body'),
    'fetched',
  ],
  [
    'RFC 9112 6.3: two lengths are none',
    raw('HTTP/1.1 200 OK', FRESH, 'Content-Length: 4', 'Content-Length: 2', '', 'body'),
    'fetched',
  ],
  [
    'RFC 9112 6.3: a length without sense is none',
    raw('HTTP/1.1 200 OK', FRESH, 'Content-Length: 4x', '', 'body'),
    'fetched',
  ],
];

test.each(BODIES)('%s', async (_clause, bytes, second) => {
  const path = cache.script({ raw: bytes });
  // What is broken may well break the answer itself: what matters is that it is not given twice.
  for (const _twice of [1, 2]) await cache.ask(path).catch(() => undefined);
  expect(cache.seen(path).length > 1 ? 'fetched' : 'reused').toBe(second);
});

const FIELDS: [clause: string, lines: string[], second: Outcome][] = [
  [
    'RFC 9112 5.2: what a folded line forbids is forbidden',
    ['Cache-Control: max-age=600,', '  no-store'],
    'fetched',
  ],
  ['RFC 9112 5.1: a space before the colon is no name', ['Cache-Control : max-age=600'], 'fetched'],
  ['RFC 9110 5.5: spaces around a value are no part of it', ['Cache-Control:   max-age=600  '], 'reused'],
  ['RFC 9110 5.3: ten lines are one list', [...Array(9).fill('Cache-Control: x'), FRESH], 'reused'],
  [
    'RFC 9110 8.8.3: two tags are no tag that anybody confirms',
    ['Cache-Control: no-cache', 'ETag: "a"', 'ETag: "b"'],
    'fetched',
  ],
  ['RFC 9110 12.5.5: a name that is none matches nothing', [FRESH, 'Vary: F oo:'], 'fetched'],
];

test.each(FIELDS)('%s', async (_clause, lines, second) => {
  const path = cache.script({ raw: raw('HTTP/1.1 200 OK', ...lines, 'Content-Length: 4', '', 'body') });
  await cache.ask(path);
  const { outcome } = await cache.ask(path);
  if (second === 'reused') expect(outcome).toBe('reused');
  else expect(outcome).not.toBe('reused');
});

const SIBLINGS: [clause: string, one: string, other: string][] = [
  ['RFC 3986 6.2.2.1: paths have case', '/Case', '/case'],
  ['RFC 3986 2.2: an escaped slash is no slash', '/a%2Fb', '/a/b'],
  ['RFC 3986 3.4: an escaped question mark begins no query', '/q%3Fa', '/q?a'],
  ['RFC 3986 3.3: two slashes are not one', '/two//slashes', '/two/slashes'],
  ['RFC 3986 2.1: an escaped percent sign stays escaped', '/p%2541', '/p%41'],
];

test.each(SIBLINGS)('%s: what is stored for one is not for the other', async (_clause, one, other) => {
  cache.running().origin.script(one, [{ headers: { 'Cache-Control': 'max-age=600' } }]);
  cache.running().origin.script(other, [{ headers: { 'Cache-Control': 'max-age=600' } }]);
  expect((await cache.ask(one)).outcome).toBe('fetched');
  expect((await cache.ask(other)).outcome).toBe('fetched');
  expect((await cache.ask(one)).outcome).toBe('reused');
});

test('what a client says of its host for others to believe makes no difference to those who come after', async () => {
  const path = cache.script({ headers: { 'Cache-Control': 'max-age=600' } });
  await cache.ask(path, { headers: { 'X-Forwarded-Host': 'evil.test', Forwarded: 'host=evil.test' } });
  const { headers = {} } = cache.seen(path)[0] ?? {};
  expect(JSON.stringify(headers)).not.toContain('evil.test');
});

test('RFC 9110 9.3.1: a body on GET is not what the answer depends on', async () => {
  const path = cache.script({ headers: { 'Cache-Control': 'max-age=600' } });
  await cache.ask(path, { body: 'evil' });
  expect((await cache.ask(path)).reply.text).toMatch(/^answer \d$/);
  expect(cache.seen(path)[0]?.headers['content-length']).toBeUndefined();
});

test('RFC 9110 5.5: bytes beyond ASCII pass as they are, both ways and from the store', async () => {
  const hangul = Buffer.from('한글').toString('latin1');
  const bytes = raw('HTTP/1.1 200 OK', FRESH, `X-Name: ${hangul}`, 'Content-Length: 4', '', 'body');
  const path = cache.script({ raw: bytes });
  for (const _twice of [1, 2]) {
    const { reply } = await cache.ask(path, { headers: { 'X-Name': hangul } });
    expect(reply.headers['x-name']).toBe(hangul);
  }
  expect(cache.seen(path)).toHaveLength(1);
  expect(cache.seen(path)[0]?.headers['x-name']).toBe(hangul);
});

test('RFC 9110 15: a status that is none is an error of the server behind', async () => {
  const path = cache.script({
    raw: raw('HTTP/1.1 999 Request Denied', FRESH, 'Content-Length: 4', '', 'body'),
  });
  expect((await cache.ask(path)).reply.status).toBe(502);
  await cache.ask(path);
  expect(cache.seen(path)).toHaveLength(2);
});
