import { request } from 'undici';
import { expect, test, vi } from 'vitest';
import { openConnection, requestHead } from '../support/connection.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

/** A proxy that is draining, with one request in flight that keeps it from leaving. */
async function startDraining(env: Record<string, string> = {}) {
  let finish: () => void = () => undefined;
  const web = await startOrigin((incoming, response) => {
    if (incoming.url !== '/held') return echo(incoming, response);
    response.write('begun, ');
    finish = () => void response.end('finished');
  });
  const proxy = await startProxy({ web, gateway: web }, env);
  const kept = openConnection(proxy.port);
  kept.send(requestHead('/first', proxy.host));
  await kept.received('"/first"');
  const held = proxy.ask('/held');
  await vi.waitFor(() => expect(web.paths()).toContain('/held'));
  return {
    proxy,
    kept,
    held,
    finish: () => finish(),
    async drain() {
      proxy.child.kill('SIGTERM');
      await vi.waitFor(() => expect(proxy.output.out).toContain('is draining'));
    },
  };
}

test('a kept connection gets the answer to its next request, and the advice to close', async () => {
  const { proxy, kept, held, drain, finish } = await startDraining();
  await drain();
  kept.send(requestHead('/next', proxy.host));
  await kept.closed;
  const next = kept.text().slice(kept.text().lastIndexOf('HTTP/1.1'));
  expect(next).toContain('HTTP/1.1 200');
  expect(next).toMatch(/\r\nConnection: close\r\n/i);
  expect(next).toContain('"/next"');
  finish();
  expect((await held).text).toBe('begun, finished');
  expect(await proxy.exited).toBe(0);
});

test('a new connection is answered for as long as the proxy has not left', async () => {
  const { proxy, held, drain, finish } = await startDraining();
  await drain();
  const late = await request(`${proxy.url}/late`, { reset: true });
  await late.body.dump();
  expect(late.statusCode).toBe(200);
  finish();
  await held;
  expect(await proxy.exited).toBe(0);
});

test('readiness says 503 on the admin port while the health stays', async () => {
  const { proxy, held, drain, finish } = await startDraining();
  await drain();
  const ready = await request(`${proxy.adminUrl}/ready`);
  expect([ready.statusCode, await ready.body.json()]).toMatchObject([503, { status: 'draining' }]);
  const health = await request(`${proxy.adminUrl}/health`);
  await health.body.dump();
  expect(health.statusCode).toBe(200);
  finish();
  await held;
});

test('connections that idle do not hold the exit up', async () => {
  const { proxy, kept, held, drain, finish } = await startDraining();
  openConnection(proxy.port);
  await drain();
  finish();
  await held;
  const startedAt = performance.now();
  expect(await proxy.exited).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  await kept.closed;
});

test('an upload that is under way arrives', async () => {
  const web = await startOrigin(echo);
  const proxy = await startProxy({ web, gateway: web });
  const upload = openConnection(proxy.port);
  upload.send(requestHead('POST /api/upload', proxy.host, ['Authorization: Bearer x', 'Content-Length: 10']));
  upload.send('01234');
  await vi.waitFor(() => expect(web.paths()).toContain('/api/upload'));
  proxy.child.kill('SIGTERM');
  await vi.waitFor(() => expect(proxy.output.out).toContain('is draining'));
  upload.send('56789');
  await upload.received('"bytes":10');
  expect(await proxy.exited).toBe(0);
});

test('the time for all of it is bounded', async () => {
  const { proxy, held, drain } = await startDraining({ SHUTDOWN_TIMEOUT: '600' });
  const outcome = held.catch((error: unknown) => error);
  await drain();
  expect(await proxy.exited).toBe(1);
  expect(await outcome).toBeInstanceOf(Error);
});
