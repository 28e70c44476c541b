import { expect, test, vi } from 'vitest';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

test('health knows no dependency', async () => {
  const proxy = await startProxy({});
  const reply = await proxy.ask('/health', { headers: { Host: '10.0.0.7:9000' } });
  expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'private, no-store' } });
});

test('ready while the web server is well and the gateway answers, whatever it says', async () => {
  const web = await startOrigin(echo);
  const gateway = await startOrigin((_request, response) => void response.writeHead(404).end());
  const proxy = await startProxy({ web, gateway });

  const reply = await proxy.ask('/ready');

  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.text)).toEqual({
    status: 'ready',
    checks: { web: { status: 'up', required: true }, gateway: { status: 'up', required: true } },
  });
  expect(web.requests).toHaveLength(0);
});

test('not ready, naming which, while one of them does not answer', async () => {
  const web = await startOrigin(echo);
  const proxy = await startProxy({ web });

  const reply = await proxy.ask('/ready');
  expect(reply.status).toBe(503);
  expect(JSON.parse(reply.text)).toMatchObject({
    status: 'unavailable',
    checks: { web: { status: 'up' }, gateway: { status: 'down', error: expect.any(String) } },
  });
  expect(reply.text).not.toContain('127.0.0.1');

  await web.down();
  await vi.waitFor(async () => {
    expect(JSON.parse((await proxy.ask('/ready')).text)).toMatchObject({
      checks: { web: { status: 'down' } },
    });
  });
});

test('a request under way is finished before the process leaves with 0', async () => {
  let finish: () => void = () => undefined;
  const web = await startOrigin((_request, response) => {
    response.write('begun, ');
    finish = () => void response.end('and finished');
  });
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ web, gateway });

  const underWay = proxy.ask('/account');
  await vi.waitFor(() => expect(web.requests).toHaveLength(1));
  proxy.child.kill('SIGTERM');
  await vi.waitFor(async () => {
    const ready = await proxy.ask('/ready');
    expect([ready.status, JSON.parse(ready.text).status]).toEqual([503, 'draining']);
  });
  finish();

  expect((await underWay).text).toBe('begun, and finished');
  expect(await proxy.exited).toBe(0);
});

test('a process with nothing under way leaves at once', async () => {
  const proxy = await startProxy({});
  await proxy.ask('/health');
  proxy.child.kill('SIGTERM');
  expect(await proxy.exited).toBe(0);
});

test('a request that never ends does not keep the process beyond its time', async () => {
  const web = await startOrigin(() => undefined);
  const proxy = await startProxy({ web }, { SHUTDOWN_TIMEOUT: '600' });
  const stuck = proxy.ask('/account').catch((error: unknown) => error);
  await vi.waitFor(() => expect(web.requests).toHaveLength(1));
  proxy.child.kill('SIGTERM');
  expect(await proxy.exited).toBe(1);
  await stuck;
});
