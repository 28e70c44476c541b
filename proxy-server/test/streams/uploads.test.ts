import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as openRequest } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { expect, test, vi } from 'vitest';
import { openConnection, requestHead } from '../support/connection.ts';
import { memoryNeededFor, nothingLeft, residentMemory } from '../support/process-facts.ts';
import { statusOf } from '../support/raw.ts';
import { hashOf, MEGABYTE, pieces, startStreaming } from './support.ts';

const SIZE = 100 * MEGABYTE;
const BOUNDED = 40;
const LARGE = () => ({ MAX_BODY_BYTES: `${2 * SIZE}` });
const OURS = { Authorization: 'Bearer of-a-program' };

async function upload(url: string, size: number, headers: Record<string, string | number>): Promise<string> {
  const request = openRequest(`${url}/api/upload`, {
    method: 'POST',
    agent: false,
    headers: { ...OURS, ...headers },
  });
  const answered = once(request, 'response');
  await pipeline(Readable.from(pieces(size)), request);
  const [response] = (await answered) as [IncomingMessage];
  return text(response);
}

test.each([
  ['of a known length', { 'Content-Length': SIZE }],
  ['in chunks', {}],
])('100 MB %s arrive as they were, in bounded memory, time after time', async (_title, headers) => {
  const { proxy, originPort } = await startStreaming(
    {
      '/api/upload': async (request, response) => {
        const hash = createHash('sha256');
        for await (const piece of request) hash.update(piece as Buffer);
        response.end(hash.digest('hex'));
      },
    },
    LARGE,
  );
  const expected = hashOf(SIZE);
  const uploadOnce = async () => expect(await upload(proxy.url, SIZE, headers)).toBe(expected);
  expect(await memoryNeededFor(proxy.child.pid, uploadOnce)).toBeLessThan(BOUNDED);
  const after = residentMemory(proxy.child.pid);
  for (const _round of [1, 2, 3]) await uploadOnce();
  expect(residentMemory(proxy.child.pid) - after).toBeLessThan(BOUNDED / 2);
  await nothingLeft(proxy, originPort, 1);
});

test('more than MAX_BODY_BYTES is refused', async () => {
  const { proxy, origin } = await startStreaming({}, () => ({ MAX_BODY_BYTES: '1000' }));
  const reply = await proxy.ask('/api/upload', { method: 'POST', headers: OURS, body: Buffer.alloc(1_001) });
  expect(reply.status).toBe(413);
  expect(origin.requests).toHaveLength(0);
});

test('an origin that does not read stops the client; nothing piles up', async () => {
  const { proxy, originPort } = await startStreaming(
    { '/api/upload': (request) => void request.pause() },
    LARGE,
  );
  const client = openConnection(proxy.port);
  const head = requestHead('POST /api/upload', proxy.host, [
    `Authorization: Bearer x`,
    `Content-Length: ${SIZE}`,
  ]);
  let sent = 0;
  const needed = await memoryNeededFor(proxy.child.pid, async () => {
    client.send(head);
    const count = (bytes: number) => {
      sent += bytes;
    };
    pipeline(Readable.from(pieces(SIZE, count)), client.socket).catch(() => 'the test has left');
    let before = -1;
    await vi.waitFor(
      () => {
        const stalled = sent > 0 && sent === before;
        before = sent;
        if (!stalled) throw new Error('still flowing');
      },
      { timeout: 5_000, interval: 300 },
    );
  });
  expect(sent).toBeLessThan(SIZE / 2);
  expect(needed).toBeLessThan(BOUNDED);
  client.socket.resetAndDestroy();
  await nothingLeft(proxy, originPort);
});

test('an answer that comes before the upload has ended goes out, and leaves nothing behind', async () => {
  const { proxy, originPort } = await startStreaming(
    {
      '/api/upload': (_request, response) => void response.writeHead(403, { 'Content-Length': 2 }).end('no'),
    },
    LARGE,
  );
  const client = openConnection(proxy.port);
  client.send(
    requestHead('POST /api/upload', proxy.host, ['Authorization: Bearer x', `Content-Length: ${SIZE}`]),
  );
  client.send('the first bytes');
  await client.received('no');
  expect(statusOf(client.text())).toBe(403);
  client.leave();
  await nothingLeft(proxy, originPort);
  expect((await proxy.ask('/next')).status).toBe(200);
});

test('an upload that breaks off never looks complete to the origin', async () => {
  let outcome: Promise<string> | undefined;
  const { proxy, originPort } = await startStreaming({
    '/api/upload': (request) => {
      outcome = text(request).catch(() => 'broken off');
    },
  });
  const client = openConnection(proxy.port);
  client.send(
    requestHead('POST /api/upload', proxy.host, ['Authorization: Bearer x', 'Transfer-Encoding: chunked']),
  );
  client.send('5\r\nhello\r\n');
  await vi.waitFor(() => expect(outcome).toBeDefined());
  client.leave();
  expect(await outcome).toBe('broken off');
  await nothingLeft(proxy, originPort);
});
