import { expect, test } from 'vitest';
import { useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { 'Cache-Control': 'max-age=600' };
const HEAD = { method: 'HEAD' };
/** Goes to the origin although there is a fresh answer. */
const ANEW = { method: 'HEAD', headers: { 'Cache-Control': 'no-cache' } };

test('RFC 9111 4: an answer to GET answers HEAD, without its body', async () => {
  const [get, head] = await cache.play({ says: [{ headers: { ...FRESH, ETag: '"a"' } }], asks: [{}, HEAD] });
  expect(head?.outcome).toBe('reused');
  expect(head?.reply).toMatchObject({ status: 200, text: '' });
  for (const name of ['content-length', 'etag', 'cache-control', 'date']) {
    expect([name, head?.reply.headers[name]]).toEqual([name, get?.reply.headers[name]]);
  }
});

test('RFC 9111 4.3.2: also where it is conditional', async () => {
  const asks = [{}, { ...HEAD, headers: { 'If-None-Match': '"a"' } }];
  const [, head] = await cache.play({ says: [{ headers: { ...FRESH, ETag: '"a"' } }], asks });
  expect([head?.outcome, head?.reply.status]).toEqual(['reused', 304]);
});

test('RFC 9110 9.3.2: an answer to HEAD does not answer GET', async () => {
  const [head, get] = await cache.play({ says: [{ headers: FRESH }], asks: [HEAD, {}] });
  expect(head?.reply).toMatchObject({ status: 200, text: '', headers: { 'content-length': '8' } });
  expect(get).toMatchObject({ outcome: 'fetched', reply: { text: 'answer 2' } });
});

test('RFC 9110 9.3.2: HEAD stays HEAD on its way', async () => {
  const path = cache.script({ headers: FRESH });
  await cache.ask(path, HEAD);
  expect(cache.seen(path).map(({ method }) => method)).toEqual(['HEAD']);
});

const CHANGES: [clause: string, head: Record<string, string>][] = [
  ['RFC 9111 4.3.5: another ETag on HEAD makes what is stored stale', { ETag: '"b"', 'Content-Length': '8' }],
  ['RFC 9111 4.3.5: so does another length', { ETag: '"a"', 'Content-Length': '9' }],
  [
    'RFC 9111 4.3.5: so does another date of change',
    { ETag: '"a"', 'Content-Length': '8', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:38 GMT' },
  ],
];
const STORED = { ...FRESH, ETag: '"a"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' };

test.each(CHANGES)('%s', async (_clause, head) => {
  const says = [
    { headers: STORED },
    { headers: { ...STORED, ...head } },
    { headers: STORED, body: 'another' },
  ];
  const told = await cache.play({ says, asks: [{}, ANEW, {}] });
  expect(told[2]?.outcome).not.toBe('reused');
  expect(told[2]?.reply.text).toBe('another');
});

test('RFC 9111 4.3.5: the same of everything leaves it fresh', async () => {
  const told = await cache.play({ says: [{ headers: STORED }], asks: [{}, ANEW, {}] });
  expect(told[2]).toMatchObject({ outcome: 'reused', reply: { text: 'answer 1' } });
});
