import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { openConnection, requestHead } from '../support/connection.ts';
import { nothingLeft, residentMemory } from '../support/process-facts.ts';
import { startStreaming } from './support.ts';

function watchEnds() {
  const ends: string[] = [];
  const watch = (response: ServerResponse) =>
    response.on('close', () => void ends.push(response.writableFinished ? 'finished' : 'cancelled'));
  return { ends, watch };
}

test('a client that leaves before the head cancels the request to the origin', async () => {
  const { ends, watch } = watchEnds();
  const { proxy, origin, originPort } = await startStreaming({
    '/hang': (_it, response) => void watch(response),
  });
  const client = openConnection(proxy.port);
  client.send(requestHead('/hang', proxy.host));
  await vi.waitFor(() => expect(origin.requests).toHaveLength(1));
  client.leave();
  await vi.waitFor(() => expect(ends).toEqual(['cancelled']));
  await nothingLeft(proxy, originPort);
});

test('a client that leaves in the middle of a body cancels it at the origin', async () => {
  const { ends, watch } = watchEnds();
  const { proxy, originPort } = await startStreaming({
    '/endless': (_it, response) => {
      watch(response);
      response.writeHead(200, { 'Content-Type': 'text/plain' }).write('begun');
    },
  });
  const client = openConnection(proxy.port);
  client.send(requestHead('/endless', proxy.host));
  await client.received('begun');
  client.leave();
  await vi.waitFor(() => expect(ends).toEqual(['cancelled']));
  await nothingLeft(proxy, originPort);
});

test('300 clients that leave, time after time, leave nothing behind', async () => {
  const { proxy, origin, originPort } = await startStreaming({
    '/endless': (_it, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' }).write('x'.repeat(100_000));
    },
    '/hang': () => undefined,
  });
  const round = async () => {
    const already = origin.requests.length;
    const clients = Array.from({ length: 100 }, (_, index) => {
      const client = openConnection(proxy.port);
      client.send(requestHead(index % 2 === 0 ? '/endless' : '/hang', proxy.host));
      return client;
    });
    await vi.waitFor(() => expect(origin.requests.length - already).toBe(100), { timeout: 5_000 });
    for (const client of clients) client.leave();
    await nothingLeft(proxy, originPort);
  };
  await round();
  const before = residentMemory(proxy.child.pid);
  await round();
  await round();
  expect(residentMemory(proxy.child.pid) - before).toBeLessThan(20);
});
