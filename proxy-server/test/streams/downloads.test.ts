import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { expect, test, vi } from 'vitest';
import { openConnection, requestHead } from '../support/connection.ts';
import { createGate } from '../support/gate.ts';
import { memoryNeededFor, nothingLeft, residentMemory } from '../support/process-facts.ts';
import { hashOf, MEGABYTE, pieces, standardCache, startStreaming } from './support.ts';

const SIZE = 100 * MEGABYTE;
/** MiB: what a proxy that buffers would exceed by far, and one that does not keeps well within. */
const BOUNDED = 40;

/** Sends `SIZE` bytes as fast as they are taken, and knows how many were. */
function bigBody(headers: Record<string, string | number> = {}) {
  const sent = { bytes: 0 };
  const answer = (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', ...headers });
    const count = (bytes: number) => {
      sent.bytes += bytes;
    };
    pipeline(Readable.from(pieces(SIZE, count)), response).catch(() => 'the client has left');
  };
  return { sent, answer };
}

// When garbage goes is for the runtime to say: what is kept for good is there at every try.
test.each([
  ['of a known length', { 'Content-Length': SIZE }, undefined],
  ['in chunks', {}, undefined],
  ['that a cache may keep', { 'Cache-Control': 'max-age=60' }, standardCache],
])(
  '100 MB %s arrive as they were, in bounded memory, time after time',
  { retry: 2 },
  async (_title, headers, settings) => {
    const { proxy, originPort } = await startStreaming({ '/big': bigBody(headers).answer }, settings);
    const expected = hashOf(SIZE);
    const download = async () => {
      const response = await request(`${proxy.url}/big`);
      const hash = createHash('sha256');
      for await (const piece of response.body) hash.update(piece);
      expect(hash.digest('hex')).toBe(expected);
    };
    expect(await memoryNeededFor(proxy.child.pid, download)).toBeLessThan(BOUNDED);
    const after = residentMemory(proxy.child.pid);
    for (const _round of [1, 2, 3]) await download();
    expect(residentMemory(proxy.child.pid) - after).toBeLessThan(BOUNDED / 2);
    await nothingLeft(proxy, originPort, 1);
  },
);

test('a client that reads 1 KB now and then slows the origin down; nothing piles up', async () => {
  const { sent, answer } = bigBody({ 'Content-Length': SIZE });
  const { proxy, originPort } = await startStreaming({ '/big': answer });
  const client = openConnection(proxy.port);
  client.socket.pause();
  const needed = await memoryNeededFor(proxy.child.pid, async () => {
    client.send(requestHead('/big', proxy.host));
    let before = -1;
    // Until the buffers of the kernel on the way are full.
    await vi.waitFor(
      () => {
        client.socket.read(1_024);
        const stalled = sent.bytes > 0 && sent.bytes === before;
        before = sent.bytes;
        if (!stalled) throw new Error('still flowing');
      },
      { timeout: 5_000, interval: 300 },
    );
  });
  expect(sent.bytes).toBeLessThan(SIZE / 2);
  expect(needed).toBeLessThan(BOUNDED);
  client.leave();
  await nothingLeft(proxy, originPort);
});

test('50 stalled downloads at once stay within bounds', async () => {
  const { proxy, originPort } = await startStreaming({ '/big': bigBody().answer });
  const needed = await memoryNeededFor(proxy.child.pid, async () => {
    const clients = Array.from({ length: 50 }, () => openConnection(proxy.port));
    for (const client of clients) {
      client.send(requestHead('/big', proxy.host));
      client.socket.once('data', () => client.socket.pause());
    }
    await vi.waitFor(() => expect(clients.every((it) => it.bytes() > 0)).toBe(true), { timeout: 10_000 });
    expect((await proxy.ask('/quick')).status).toBe(200);
    for (const client of clients) client.leave();
  });
  expect(needed).toBeLessThan(3 * BOUNDED);
  await nothingLeft(proxy, originPort, 1);
});

test('a first byte goes out at once, and each drop of a dripping origin after it', async () => {
  let drip: (drop: string) => void = () => undefined;
  let stop: () => void = () => undefined;
  const { proxy } = await startStreaming({
    '/drip': (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      drip = (drop) => void response.write(drop);
      stop = () => void response.end();
      drip('one;');
    },
  });
  const client = openConnection(proxy.port);
  client.send(requestHead('/drip', proxy.host, ['Connection: close']));
  await client.received('one;');
  drip('two;');
  await client.received('two;');
  stop();
  await client.closed;
  expect(client.text()).toMatch(/\r\n0\r\n\r\n$/);
});

test.each([
  ['of a known length', { 'Content-Length': 1_000_000 }],
  ['in chunks', {}],
])('an origin that dies in the middle of a body %s leaves a broken answer', async (_title, headers) => {
  let die: () => void = () => undefined;
  const { proxy, originPort } = await startStreaming({
    '/dies': (incoming, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', ...headers });
      response.write('the first half');
      die = () => void incoming.socket.destroy();
    },
  });
  const client = openConnection(proxy.port);
  client.send(requestHead('/dies', proxy.host));
  await client.received('the first half');
  die();
  await client.closed;
  const [head = '', body = ''] = client.text().split('\r\n\r\n');
  if (/^content-length:/im.test(head)) expect(head).toContain('1000000');
  else expect(head).toMatch(/^transfer-encoding: chunked$/im);
  expect(body).not.toMatch(/(?:^|\r\n)0\r\n/);
  await nothingLeft(proxy, originPort);
});

test('a small body of a known length keeps its Content-Length', async () => {
  const { proxy } = await startStreaming({
    '/small': (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 5 }).end('hello'),
  });
  expect(await proxy.ask('/small')).toMatchObject({ text: 'hello', headers: { 'content-length': '5' } });
});

test('HEAD keeps the Content-Length that GET would have', async () => {
  const { proxy } = await startStreaming({
    '/big': (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': SIZE }).end(),
  });
  const reply = await proxy.ask('/big', { method: 'HEAD' });
  expect([reply.headers['content-length'], reply.bytes.byteLength]).toEqual([`${SIZE}`, 0]);
});

test('whoever waits for another that is sent a stream without an end gets one of his own', async () => {
  const gate = createGate();
  const { proxy, origin } = await startStreaming(
    {
      '/endless': async (_request, response) => {
        await gate.opened;
        response.writeHead(200, { 'Cache-Control': 'max-age=60' }).write('begun');
      },
    },
    standardCache,
  );
  const clients = [openConnection(proxy.port), openConnection(proxy.port)];
  for (const client of clients) client.send(requestHead('/endless', proxy.host));
  // Both have been read by the proxy once it has passed on what was sent after them.
  await request(`${proxy.url}/afterwards`);
  expect(origin.requests.filter(({ url }) => url === '/endless')).toHaveLength(1);
  gate.open();
  await Promise.all(clients.map((client) => client.received('begun')));
  expect(origin.requests.filter(({ url }) => url === '/endless')).toHaveLength(2);
  for (const client of clients) client.leave();
});
