import { expect, test } from 'vitest';
import { useStandardCache } from '../support/standard-cache.ts';

const cache = useStandardCache();

const FRESH = { 'Cache-Control': 'max-age=600' };
/** RFC 9110 section 7.6.1 and RFC 9111 section 3.1. */
const HOP_BY_HOP = {
  'Keep-Alive': 'timeout=42',
  'Proxy-Connection': 'keep-alive',
  'Proxy-Authenticate': 'Basic',
  'Proxy-Authentication-Info': 'x=1',
};

test('RFC 9110 7.6.1: fields of one connection are neither passed on nor stored', async () => {
  const headers = {
    ...FRESH,
    ...HOP_BY_HOP,
    Connection: 'X-Hop, x-LEAP',
    'X-Hop': '1',
    'X-Leap': '2',
    'X-End': '3',
  };
  const told = await cache.play({ says: [{ headers }] });
  expect(told[1]?.outcome).toBe('reused');
  for (const { reply } of told) {
    for (const name of [
      'x-hop',
      'x-leap',
      'proxy-connection',
      'proxy-authenticate',
      'proxy-authentication-info',
    ]) {
      expect([name, reply.headers[name]]).toEqual([name, undefined]);
    }
    expect(reply.headers['keep-alive']).not.toBe('timeout=42');
    expect(reply.headers['x-end']).toBe('3');
  }
});

test('RFC 9110 7.6.1: nor are those of the client', async () => {
  const path = cache.script({ headers: FRESH });
  const headers = {
    Connection: 'close, X-Hop',
    'X-Hop': '1',
    'X-End': '2',
    TE: 'trailers, deflate;q=0.5',
    'Keep-Alive': 'timeout=42',
    'Proxy-Connection': 'keep-alive',
    'Proxy-Authorization': 'Basic eDp5',
  };
  await cache.ask(path, { headers });
  const sent = cache.seen(path)[0]?.headers ?? {};
  for (const name of ['x-hop', 'te', 'proxy-connection', 'proxy-authorization']) {
    expect([name, sent[name]]).toEqual([name, undefined]);
  }
  expect(sent['keep-alive']).not.toBe('timeout=42');
  expect(sent['x-end']).toBe('2');
});

test('RFC 9110 7.6.1: what one connection carries is not what an answer varies by', async () => {
  const says = [{ headers: { ...FRESH, Vary: 'X-End' } }];
  const asks = ['1', '2'].map((hop) => ({ headers: { Connection: 'X-Hop', 'X-Hop': hop, 'X-End': '1' } }));
  expect(await cache.outcome({ says, asks })).toBe('reused');
});

test('RFC 9110 7.6.3: the request says by whom it came', async () => {
  const path = cache.script({ headers: FRESH });
  await cache.ask(path, { headers: { Via: '1.0 fred' } });
  expect(cache.seen(path)[0]?.headers.via).toMatch(/^1\.0 fred, 1\.1 \S+/);
});

test('RFC 9110 5.1: fields that nobody here knows pass both ways', async () => {
  const path = cache.script({ headers: { ...FRESH, 'X-Unheard-Of': 'b; "c, d"' } });
  const { reply } = await cache.ask(path, { headers: { 'X-Unheard-Of': 'a' } });
  expect(cache.seen(path)[0]?.headers['x-unheard-of']).toBe('a');
  expect(reply.headers['x-unheard-of']).toBe('b; "c, d"');
});

test('RFC 9110 7.2: the host passes as it came', async () => {
  const path = cache.script({ headers: FRESH });
  await cache.ask(path, { headers: { Host: 'shop.test:8080' } });
  expect(cache.seen(path)[0]?.headers.host).toBe('shop.test:8080');
});

test('RFC 9112 7: how a body is delimited is a matter of each hop', async () => {
  const told = await cache.play({ says: [{ headers: FRESH, chunked: true }] });
  expect(told[1]).toMatchObject({ outcome: 'reused', reply: { text: 'answer 1' } });
});

test('RFC 9110 7.6.2: OPTIONS goes no further than Max-Forwards allows', async () => {
  const path = cache.script({});
  const options = (hops: number) =>
    cache.ask(path, { method: 'OPTIONS', headers: { 'Max-Forwards': String(hops) } });
  const { outcome, reply } = await options(0);
  expect([outcome, reply.status]).toEqual(['refused', 204]);
  expect(reply.headers['allow']).toContain('GET');
  await options(3);
  expect(cache.seen(path).map(({ headers }) => headers['max-forwards'])).toEqual(['2']);
});
