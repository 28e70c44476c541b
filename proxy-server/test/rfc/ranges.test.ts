import { expect, test } from 'vitest';
import { useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { 'Cache-Control': 'max-age=600', ETag: '"a"', 'Accept-Ranges': 'bytes' };
const PART = { status: 206, headers: { ...FRESH, 'Content-Range': 'bytes 0-2/8' }, body: 'ans' };
const range = (Range: string, more: Record<string, string> = {}) => ({ headers: { Range, ...more } });

test('RFC 9110 14: a range that nothing is stored for is asked of the origin, as it is', async () => {
  const path = cache.script(PART);
  const { reply } = await cache.ask(path, range('bytes=0-2', { 'If-Range': '"a"' }));
  expect(reply).toMatchObject({ status: 206, text: 'ans', headers: { 'content-range': 'bytes 0-2/8' } });
  expect(cache.seen(path)[0]?.headers).toMatchObject({ range: 'bytes=0-2', 'if-range': '"a"' });
});

test('RFC 9111 3.3: a part is not the whole', async () => {
  const told = await cache.play({ says: [PART, { headers: FRESH }], asks: [range('bytes=0-2'), {}, {}] });
  expect(told.map(({ reply }) => [reply.status, reply.text])).toEqual([
    [206, 'ans'],
    [200, 'answer 2'],
    [200, 'answer 2'],
  ]);
});

test('RFC 9111 3.3: nor one that nobody asked for', async () => {
  const told = await cache.play({ says: [PART, { headers: FRESH }] });
  expect(told[1]).toMatchObject({ outcome: 'fetched', reply: { status: 200, text: 'answer 2' } });
});

const RANGES: [
  clause: string,
  asked: Record<string, string>,
  status: number,
  text: string,
  where?: string,
][] = [
  ['RFC 9110 14.2: a part of what is stored', { Range: 'bytes=0-2' }, 206, 'ans', 'bytes 0-2/8'],
  ['RFC 9110 14.1.2: from somewhere to the end', { Range: 'bytes=6-' }, 206, ' 1', 'bytes 6-7/8'],
  ['RFC 9110 14.1.2: its last bytes', { Range: 'bytes=-1' }, 206, '1', 'bytes 7-7/8'],
  ['RFC 9110 14.1.2: more than there are', { Range: 'bytes=4-100' }, 206, 'er 1', 'bytes 4-7/8'],
  [
    'RFC 9110 14.1.2: the last bytes, more than there are',
    { Range: 'bytes=-100' },
    206,
    'answer 1',
    'bytes 0-7/8',
  ],
  [
    'RFC 9110 13.1.5: if it is still the same',
    { Range: 'bytes=0-2', 'If-Range': '"a"' },
    206,
    'ans',
    'bytes 0-2/8',
  ],
  ['RFC 9110 13.1.5: the whole if it is not', { Range: 'bytes=0-2', 'If-Range': '"b"' }, 200, 'answer 1'],
  [
    'RFC 9110 13.1.5: a weak tag is never the same',
    { Range: 'bytes=0-2', 'If-Range': 'W/"a"' },
    200,
    'answer 1',
  ],
  ['RFC 9110 14.2: an unknown unit asks for nothing', { Range: 'lines=1-2' }, 200, 'answer 1'],
  ['RFC 9110 14.2: nor does one that makes no sense', { Range: 'bytes=5-2' }, 200, 'answer 1'],
  ['RFC 9110 13.2.2: a condition comes first', { Range: 'bytes=0-2', 'If-None-Match': '"a"' }, 304, ''],
];

test.each(RANGES)('%s', async (_clause, headers, status, text, where) => {
  const [, second] = await cache.play({ says: [{ headers: FRESH }], asks: [{}, { headers }] });
  expect(second?.outcome).toBe('reused');
  expect(second?.reply).toMatchObject({ status, text });
  expect(second?.reply.headers['content-range']).toBe(where);
});

test('RFC 9110 15.5.17: what lies beyond the end cannot be had', async () => {
  const says = [{ headers: FRESH }, { status: 416, headers: { 'Content-Range': 'bytes */8' } }];
  const [, second] = await cache.play({ says, asks: [{}, range('bytes=100-')] });
  expect(second?.reply).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */8' } });
});

test('RFC 9110 14.2: a range means nothing to HEAD', async () => {
  const asks = [{}, { method: 'HEAD', ...range('bytes=0-2') }];
  const [, head] = await cache.play({ says: [{ headers: FRESH }], asks });
  expect(head?.reply).toMatchObject({ status: 200, text: '', headers: { 'content-length': '8' } });
});

test('RFC 9110 14.6: many parts pass byte for byte, if they have to be asked for', async () => {
  const body =
    '--x\r\nContent-Range: bytes 0-0/8\r\n\r\na\r\n--x\r\nContent-Range: bytes 7-7/8\r\n\r\n1\r\n--x--\r\n';
  const says = [
    { status: 206, headers: { ...FRESH, 'Content-Type': 'multipart/byteranges; boundary=x' }, body },
  ];
  const [first] = await cache.play({ says, asks: [range('bytes=0-0,7-7')] });
  expect(first?.reply).toMatchObject({ status: 206, text: body });
});

test('RFC 9111 3.3: a range that is answered with the whole leaves what is stored as good as it was', async () => {
  const told = await cache.play({ says: [{ headers: FRESH }], asks: [{}, range('bytes=0-2'), {}] });
  expect(told[2]).toMatchObject({ outcome: 'reused', reply: { status: 200, text: 'answer 1' } });
});
