import { expect, test } from 'vitest';
import { at, useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

/** Over before it is stored: the next request has to validate it. */
const STALE = { 'Cache-Control': 'max-age=60', Age: '100' };
const FRESH = { 'Cache-Control': 'max-age=600' };
const TAG = '"a"';
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';

type Fields = Record<string, string>;

const SENT: [clause: string, validators: Fields, sent: Fields][] = [
  ['RFC 9111 4.3.1: an ETag is asked about', { ETag: TAG }, { 'if-none-match': TAG }],
  ['RFC 9111 4.3.1: a weak one as well', { ETag: 'W/"a"' }, { 'if-none-match': 'W/"a"' }],
  [
    'RFC 9111 4.3.1: Last-Modified is, as it was written',
    { 'Last-Modified': DATE },
    { 'if-modified-since': DATE },
  ],
  [
    'RFC 9111 4.3.1: both are where there are both',
    { ETag: TAG, 'Last-Modified': DATE },
    { 'if-none-match': TAG, 'if-modified-since': DATE },
  ],
];

test.each(SENT)('%s', async (_clause, validators, sent) => {
  const path = cache.script(
    { headers: { ...STALE, ...validators } },
    { status: 304, headers: { ...FRESH, ...validators } },
  );
  await cache.ask(path);

  const { reply, outcome } = await cache.ask(path);

  expect([outcome, reply.status, reply.text]).toEqual(['validated', 200, 'answer 1']);
  expect(cache.seen(path)[1]?.headers).toMatchObject(sent);
  expect((await cache.ask(path)).outcome).toBe('reused');
});

test('RFC 9111 3.2: a 304 changes the fields it brings, and leaves the others alone', async () => {
  const says = [
    { headers: { ...STALE, ETag: TAG, 'X-Changed': 'old', 'X-Kept': 'kept', 'Content-Type': 'text/plain' } },
    { status: 304, headers: { ...FRESH, ETag: TAG, 'X-Changed': 'new', 'X-Added': 'added' } },
  ];
  const told = await cache.play({ says, asks: [{}, {}, {}] });
  for (const { reply } of told.slice(1)) {
    expect(reply).toMatchObject({
      status: 200,
      text: 'answer 1',
      headers: {
        'cache-control': 'max-age=600',
        'x-changed': 'new',
        'x-kept': 'kept',
        'x-added': 'added',
        'content-type': 'text/plain',
        'content-length': '8',
        etag: TAG,
      },
    });
  }
  expect(told[2]?.outcome).toBe('reused');
});

test('RFC 9111 3.2: but not the length of the body', async () => {
  const says = [
    { headers: { ...STALE, ETag: TAG } },
    { status: 304, headers: { ...FRESH, ETag: TAG, 'Content-Length': '3' } },
  ];
  const [, second] = await cache.play({ says });
  expect(second?.reply).toMatchObject({ text: 'answer 1', headers: { 'content-length': '8' } });
});

test('RFC 9111 4.3.4: what was validated begins a new life, with a new age', async () => {
  const says = [{ headers: { ...STALE, ETag: TAG } }, { status: 304, headers: { ...FRESH, ETag: TAG } }];
  const told = await cache.play({ says, asks: [{}, {}, {}] });
  expect(Number(told[2]?.reply.headers['age'])).toBeLessThan(50);
});

test('RFC 9111 4.3.3: another answer takes the place of the old one', async () => {
  const says = [{ headers: { ...STALE, ETag: TAG } }, { headers: { ...FRESH, ETag: '"b"' } }];
  const told = await cache.play({ says, asks: [{}, {}, {}] });
  expect(told.map(({ reply }) => reply.text)).toEqual(['answer 1', 'answer 2', 'answer 2']);
});

test('RFC 9111 4.3.4: a 304 for another tag confirms nothing', async () => {
  const says = [
    { headers: { ...STALE, ETag: TAG } },
    { status: 304, headers: { ...FRESH, ETag: '"other"' } },
    { headers: { ...FRESH, ETag: '"other"' } },
  ];
  const [, second] = await cache.play({ says });
  expect(second?.reply).toMatchObject({ status: 200, text: 'answer 3' });
});

test('RFC 9111 4.3.3: an error in place of a confirmation is passed on', async () => {
  const [, second] = await cache.play({ says: [{ headers: { ...STALE, ETag: TAG } }, { status: 503 }] });
  expect(second?.reply).toMatchObject({ status: 503, text: 'answer 2' });
});

test('RFC 9111 5.2.2.4: no-cache is validated each time', async () => {
  const headers = { 'Cache-Control': 'no-cache, max-age=600', ETag: TAG };
  const told = await cache.play({ says: [{ headers }, { status: 304, headers }], asks: [{}, {}, {}] });
  expect(told.map(({ outcome }) => outcome)).toEqual(['fetched', 'validated', 'validated']);
  expect(told[2]?.reply.text).toBe('answer 1');
});

const LATER = 'Sun, 06 Nov 1994 08:49:38 GMT';
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const CONDITIONS: [clause: string, validators: Fields, asked: Fields, status: number][] = [
  ['RFC 9111 4.3.2: who has it already gets a 304', { ETag: TAG }, { 'If-None-Match': TAG }, 304],
  ['RFC 9111 4.3.2: who has another gets it', { ETag: TAG }, { 'If-None-Match': '"b"' }, 200],
  ['RFC 9110 13.1.2: one of many is enough', { ETag: TAG }, { 'If-None-Match': '"b", W/"c", "a"' }, 304],
  ['RFC 9110 13.1.2: a comma in a tag divides nothing', { ETag: TAG }, { 'If-None-Match': '"b,"a","' }, 200],
  ['RFC 9110 13.1.2: * is any', { ETag: TAG }, { 'If-None-Match': '*' }, 304],
  ['RFC 9110 13.1.2: weak or not makes no difference', { ETag: 'W/"a"' }, { 'If-None-Match': TAG }, 304],
  ['RFC 9110 13.1.2: on neither side', { ETag: TAG }, { 'If-None-Match': 'W/"a"' }, 304],
  [
    'RFC 9111 4.3.2: not changed since is a 304',
    { 'Last-Modified': DATE },
    { 'If-Modified-Since': DATE },
    304,
  ],
  ['RFC 9111 4.3.2: nor since later', { 'Last-Modified': DATE }, { 'If-Modified-Since': LATER }, 304],
  [
    'RFC 9111 4.3.2: changed since is the answer',
    { 'Last-Modified': DATE },
    { 'If-Modified-Since': EARLIER },
    200,
  ],
  [
    'RFC 9110 13.1.3: a date that is none asks nothing',
    { 'Last-Modified': DATE },
    { 'If-Modified-Since': 'then' },
    200,
  ],
  [
    'RFC 9111 4.3.2: a tag that does not match beats a date that does',
    { ETag: TAG, 'Last-Modified': DATE },
    { 'If-None-Match': '"b"', 'If-Modified-Since': LATER },
    200,
  ],
  [
    'RFC 9111 4.3.2: a tag that matches beats a date that does not',
    { ETag: TAG, 'Last-Modified': DATE },
    { 'If-None-Match': TAG, 'If-Modified-Since': EARLIER },
    304,
  ],
];

test.each(CONDITIONS)('%s', async (_clause, validators, asked, status) => {
  const told = await cache.play({
    says: [{ headers: { ...FRESH, ...validators } }],
    asks: [{}, { headers: asked }],
  });
  expect(told[1]?.outcome).toBe('reused');
  expect(told[1]?.reply).toMatchObject({ status, text: status === 304 ? '' : 'answer 1' });
});

test('RFC 9110 15.4.5: a 304 says what the whole answer would say of itself', async () => {
  const own = { ETag: TAG, Vary: 'Foo', 'Content-Location': '/there', Date: at(-5), Expires: at(500) };
  const asks = [{}, { headers: { 'If-None-Match': TAG } }];
  const [, second] = await cache.play({ says: [{ headers: { ...FRESH, ...own } }], asks });
  expect(second?.reply.status).toBe(304);
  for (const [name, value] of Object.entries({ ...FRESH, ...own })) {
    expect(second?.reply.headers[name.toLowerCase()]).toBe(value);
  }
});

test("RFC 9111 4.3.2: a 304 for the client's tag is no confirmation of ours", async () => {
  const says = [
    { headers: { ...STALE, ETag: TAG } },
    { status: 304, headers: { ...FRESH, ETag: '"theirs"' } },
    { headers: { ...FRESH, ETag: '"theirs"' } },
  ];
  const asks = [{}, { headers: { 'If-None-Match': '"theirs"' } }, {}];
  const [, second, third] = await cache.play({ says, asks });
  // Either what the client asked is passed on, or the proxy asks for itself and has the whole.
  expect(['', 'answer 3']).toContain(second?.reply.text);
  expect(third?.reply).toMatchObject({ status: 200, text: 'answer 3' });
});

test('RFC 9111 4.3.2: a condition on what is not stored goes to the origin, and its 304 to the client', async () => {
  const asks = [{ headers: { 'If-None-Match': TAG } }, {}];
  const says = [{ status: 304, headers: { ...FRESH, ETag: TAG } }, { headers: FRESH }];
  const [first, second] = await cache.play({ says, asks });
  expect(first?.reply).toMatchObject({ status: 304, text: '' });
  expect(second?.reply).toMatchObject({ status: 200, text: 'answer 2' });
});
