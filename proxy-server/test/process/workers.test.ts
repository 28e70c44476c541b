import { once } from 'node:events';
import { createServer } from 'node:net';
import { request } from 'undici';
import { expect, test, vi } from 'vitest';
import { echo, type Origin, startOrigin } from '../support/origin.ts';
import { childrenOf, isRunning } from '../support/process-facts.ts';
import { type Proxy as ProxyServer, spawnProxy, startProxy } from '../support/proxy.ts';

const SLOWLY = { timeout: 10_000, interval: 30 };

async function startWorkers(web: Origin, count = 2, env: Record<string, string> = {}) {
  const proxy = await startProxy({ web, gateway: web }, { WORKERS: `${count}`, ...env });
  await vi.waitFor(async () => expect(await proxy.figure('proxy_workers')).toBe(count), SLOWLY);
  return proxy;
}

/** One request on a connection of its own. */
async function askAnew(proxy: ProxyServer, path = '/account') {
  const response = await request(proxy.url + path, { reset: true });
  await response.body.dump();
  return response.statusCode;
}

const counted = (proxy: ProxyServer) =>
  proxy.figure('http_request_duration_seconds_count', { route: 'other', status: '200' });

test('several workers serve one port, and their figures are one sum', async () => {
  const proxy = await startWorkers(await startOrigin(echo), 3);
  expect(childrenOf(proxy.child.pid)).toHaveLength(3);
  await Promise.all(Array.from({ length: 60 }, () => askAnew(proxy)));
  expect(await counted(proxy)).toBe(60);
  expect(await proxy.figure('http_requests_in_flight')).toBe(0);
  await vi.waitFor(() => expect(proxy.accessLog()).toHaveLength(60));
});

test('health and readiness of all are on the admin port', async () => {
  const web = await startOrigin(echo);
  const proxy = await startWorkers(web);
  const health = await request(`${proxy.adminUrl}/health`);
  expect([health.statusCode, await health.body.json()]).toEqual([200, { status: 'ok' }]);
  const ready = await request(`${proxy.adminUrl}/ready`);
  expect([ready.statusCode, await ready.body.json()]).toMatchObject([200, { status: 'ready' }]);
  await web.down();
  await vi.waitFor(async () => {
    const { statusCode, body } = await request(`${proxy.adminUrl}/ready`);
    await body.dump();
    expect(statusCode).toBe(503);
  }, SLOWLY);
});

test('another takes the place of a worker that dies, and its counts stay', async () => {
  const proxy = await startWorkers(await startOrigin(echo));
  await Promise.all(Array.from({ length: 20 }, () => askAnew(proxy)));
  expect(await counted(proxy)).toBe(20);

  const [victim, other] = childrenOf(proxy.child.pid);
  process.kill(victim ?? 0, 'SIGKILL');
  await vi.waitFor(async () => {
    expect(await proxy.figure('proxy_worker_exits_total')).toBe(1);
    expect(await proxy.figure('proxy_workers')).toBe(2);
  }, SLOWLY);

  expect(childrenOf(proxy.child.pid)).toHaveLength(2);
  expect(childrenOf(proxy.child.pid)).toContain(other);
  expect(childrenOf(proxy.child.pid)).not.toContain(victim);
  expect(await counted(proxy)).toBe(20);
  expect(proxy.output.out).toContain('a worker died');
});

test('SIGHUP puts new workers in place of the old ones without one failed request', async () => {
  const proxy = await startWorkers(await startOrigin(echo));
  const before = childrenOf(proxy.child.pid);
  let asking = true;
  const statuses: number[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (asking) statuses.push(await askAnew(proxy));
  });
  const faithful = Array.from({ length: 4 }, async () => {
    while (asking) statuses.push((await proxy.ask('/account')).status);
  });

  proxy.child.kill('SIGHUP');
  await vi.waitFor(() => expect(proxy.output.out).toContain('all workers are replaced'), SLOWLY);
  asking = false;
  await Promise.all([...clients, ...faithful]);

  expect(statuses.length).toBeGreaterThan(500);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await counted(proxy)).toBe(statuses.length);
  // Each line is whole, though several processes write to one pipe.
  await vi.waitFor(() => expect(proxy.accessLog()).toHaveLength(statuses.length));
  const after = childrenOf(proxy.child.pid);
  expect(after).toHaveLength(2);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
});

test('SIGTERM lets every worker finish what it has begun', async () => {
  const held: Array<() => void> = [];
  const web = await startOrigin((_request, response) => {
    held.push(() => void response.end('finished'));
  });
  const proxy = await startWorkers(web);
  const underWay = Array.from({ length: 6 }, () => askAnew(proxy));
  await vi.waitFor(() => expect(held).toHaveLength(6));

  proxy.child.kill('SIGTERM');
  await vi.waitFor(async () => {
    const { statusCode, body } = await request(`${proxy.adminUrl}/ready`);
    expect([statusCode, await body.json()]).toMatchObject([503, { status: 'draining' }]);
  }, SLOWLY);
  for (const finish of held) finish();

  expect(await Promise.all(underWay)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await proxy.exited).toBe(0);
});

test('a worker that does not drain in time is not waited for', async () => {
  const web = await startOrigin(() => undefined);
  const proxy = await startWorkers(web, 2, { SHUTDOWN_TIMEOUT: '500' });
  const stuck = askAnew(proxy).catch((error: unknown) => error);
  await vi.waitFor(() => expect(web.requests).toHaveLength(1));
  const workers = childrenOf(proxy.child.pid);
  proxy.child.kill('SIGTERM');
  expect(await proxy.exited).toBe(1);
  expect(workers.filter(isRunning)).toEqual([]);
  await stuck;
});

test('a supervisor that is killed leaves no worker behind', async () => {
  const proxy = await startWorkers(await startOrigin(echo));
  const workers = childrenOf(proxy.child.pid);
  expect(workers.filter(isRunning)).toHaveLength(2);
  proxy.child.kill('SIGKILL');
  await vi.waitFor(() => expect(workers.filter(isRunning)).toEqual([]), SLOWLY);
});

test('a port that is taken stops the start with one message', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { exited, output } = spawnProxy({ PORT: `${port}`, WORKERS: '4', ADMIN_PORT: '0' });
  expect(await exited).toBe(1);
  expect(output.err.match(/did not start/g)).toHaveLength(1);
  expect(output.err).toContain(`port ${port} in use`);
  squatter.close();
});

test('two of them do not share a port by accident', async () => {
  const proxy = await startWorkers(await startOrigin(echo));
  const { exited, output } = spawnProxy({ PORT: `${proxy.port}`, WORKERS: '2', ADMIN_PORT: '0' });
  expect(await exited).toBe(1);
  expect(output.err).toContain(`port ${proxy.port} in use`);
});

test.each(['0', 'many', '-1', '1.5'])('WORKERS=%s is refused, once', async (count) => {
  const { exited, output } = spawnProxy({ WORKERS: count });
  expect(await exited).toBe(1);
  expect(output.err.match(/WORKERS/g)).toHaveLength(1);
});
