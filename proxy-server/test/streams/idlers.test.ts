import { expect, test, vi } from 'vitest';
import { openConnection, requestHead } from '../support/connection.ts';
import { memoryNeededFor, nothingLeft } from '../support/process-facts.ts';
import { startStreaming } from './support.ts';

/** Milliseconds between two bytes of somebody who takes their time. */
const DRIBBLE_MS = 250;

test('1,000 connections that idle, half of them after a request, keep nobody waiting and cost little', async () => {
  const { proxy } = await startStreaming({});
  const needed = await memoryNeededFor(proxy.child.pid, async () => {
    const idlers = Array.from({ length: 1_000 }, () => openConnection(proxy.port));
    await vi.waitFor(() => expect(idlers.every(({ socket }) => socket.readyState === 'open')).toBe(true), {
      timeout: 10_000,
    });
    const kept = idlers.filter((_, index) => index % 2 === 0);
    for (const client of kept) client.send(requestHead('/once', proxy.host));
    await Promise.all(kept.map((client) => client.received('"/once"')));
    const startedAt = performance.now();
    expect((await proxy.ask('/quick')).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(idlers.filter(({ error }) => error() !== undefined)).toHaveLength(0);
    for (const idler of idlers) idler.leave();
  });
  expect(needed).toBeLessThan(30);
});

function dribble(send: (byte: string) => void): () => void {
  const timer = setInterval(() => send('a'), DRIBBLE_MS);
  return () => clearInterval(timer);
}

// They wait at the same time, so each says of what it starts that it is its own.
test.concurrent('a head that never ends is not waited for', async ({ onTestFinished }) => {
  const { proxy, origin } = await startStreaming({}, undefined, onTestFinished);
  const client = openConnection(proxy.port, onTestFinished);
  client.send('GET /slowly HTTP/1.1\r\nX-Endless: ');
  const stop = dribble(client.send);
  await client.closed;
  stop();
  expect(origin.requests).toHaveLength(0);
});

test.concurrent('a body that dribbles is cut at the idle time, and is gone at the origin as well', async ({
  onTestFinished,
}) => {
  const { proxy, originPort } = await startStreaming({}, () => ({ IDLE_TIMEOUT: '4000' }), onTestFinished);
  const client = openConnection(proxy.port, onTestFinished);
  client.send(requestHead('POST /api/slow', proxy.host, ['Authorization: Bearer x', 'Content-Length: 1000']));
  const stop = dribble(client.send);
  await client.closed;
  stop();
  await nothingLeft(proxy, originPort);
});

test.concurrent('a stream that says nothing for less than the idle time is not cut', async ({
  onTestFinished,
}) => {
  const { proxy } = await startStreaming(
    {
      '/news': (_it, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: one\n\n');
        setTimeout(() => response.end('data: two\n\n'), 6_000);
      },
    },
    () => ({ IDLE_TIMEOUT: '12000' }),
    onTestFinished,
  );
  const client = openConnection(proxy.port, onTestFinished);
  client.send(requestHead('/news', proxy.host, ['Connection: close']));
  await client.closed;
  expect(client.text()).toContain('data: two');
  expect(client.text()).toMatch(/\r\n0\r\n\r\n$/);
});

test.concurrent('a stream that says something now and then outlives the idle time', async ({
  onTestFinished,
}) => {
  const { proxy } = await startStreaming(
    {
      '/news': (_it, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        let beats = 0;
        const heart = setInterval(() => {
          response.write(': beat\n\n');
          beats += 1;
          if (beats < 10) return;
          clearInterval(heart);
          response.end('data: end\n\n');
        }, 1_000);
      },
    },
    () => ({ IDLE_TIMEOUT: '8000' }),
    onTestFinished,
  );
  const client = openConnection(proxy.port, onTestFinished);
  client.send(requestHead('/news', proxy.host, ['Connection: close']));
  await client.closed;
  expect(client.text()).toContain('data: end');
});
