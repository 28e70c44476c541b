import { expect, test } from 'vitest';
import { useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

/** Bun neither shows interim answers nor sends any: they may be swallowed, the final one may not. */
test('RFC 9110 15.2: an interim answer is not taken for the final one', async () => {
  const says = [
    { headers: { 'Cache-Control': 'max-age=600' }, hints: '</style.css>; rel=preload; as=style' },
  ];
  const told = await cache.play({ says });
  expect(told.map(({ outcome }) => outcome)).toEqual(['fetched', 'reused']);
  for (const { reply } of told) {
    expect(reply).toMatchObject({ status: 200, text: 'answer 1' });
    expect(reply.headers['link']).toBeUndefined();
  }
  expect(told[1]?.reply.interim).toEqual([]);
});

test('RFC 9110 15.2: nor is one of many', async () => {
  const final = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 5\r\n\r\nfinal';
  const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  const told = await cache.play({ says: [{ raw: interim.repeat(3) + final }] });
  expect(told.map(({ reply }) => [reply.status, reply.text])).toEqual([
    [200, 'final'],
    [200, 'final'],
  ]);
});

test('RFC 9110 10.1.1: a client that waits for a 100 is not left waiting', async () => {
  const path = cache.script({});
  const { reply } = await cache.ask(path, { method: 'POST', headers: { Expect: '100-continue' }, body: 'x' });
  expect(reply).toMatchObject({ status: 200, text: 'answer 1' });
});
