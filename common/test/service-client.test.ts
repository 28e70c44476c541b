import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInContext } from '@doa-market/common/context';
import { createServiceClient, UpstreamError } from '@doa-market/common/http';
import { createMetrics } from '@doa-market/common/metrics';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';

const Answer = Type.Object({ value: Type.Integer() });
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function upstream(
  handle: RequestListener,
  options: { timeout?: number; maxResponseSize?: number } = {},
) {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createServiceClient({
    name: 'upstream',
    baseUrl,
    timeout: 1_000,
    metrics: createMetrics('test'),
    ...options,
  });
  cleanUps.push(
    () => client.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return client;
}

async function failureOf(call: Promise<unknown>): Promise<UpstreamError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error(`an UpstreamError was expected, not ${error}`);
}

describe('the service client', () => {
  it('gives the parsed answer', async () => {
    const client = await upstream((_req, res) => res.end('{"value":1}'));
    expect(await client.get('/', Answer)).toEqual({ value: 1 });
  });

  it("passes the request's id, its trace and the caller's token on", async () => {
    const client = await upstream((req, res) => {
      const { 'x-request-id': id, traceparent, authorization } = req.headers;
      res.end(JSON.stringify({ value: 1, id, traceparent, authorization }));
    });
    const Echo = Type.Object({ id: Type.String(), traceparent: Type.String(), authorization: Type.String() });
    const context = {
      requestId: 'request-1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      signal: new AbortController().signal,
    };
    const echo = await runInContext(context, () => client.get('/', Echo, { bearer: 'secret' }));
    expect(echo).toMatchObject({
      id: 'request-1',
      traceparent: context.traceparent,
      authorization: 'Bearer secret',
    });
  });

  it('gives up at its deadline when the answer never starts', async () => {
    const client = await upstream(() => undefined, { timeout: 100 });
    expect((await failureOf(client.get('/', Answer))).failure).toBe('timeout');
  });

  it('gives up at its deadline when the answer never ends', async () => {
    const client = await upstream((_req, res) => res.write('{'), { timeout: 100 });
    expect((await failureOf(client.get('/', Answer))).failure).toBe('timeout');
  });

  it('stops when its own caller has gone', async () => {
    const gone = new AbortController();
    const client = await upstream(() => gone.abort());
    const context = { requestId: 'request-1', traceparent: '', signal: gone.signal };
    const failure = await failureOf(runInContext(context, () => client.get('/', Answer)));
    expect(failure.failure).toBe('aborted');
  });

  it.each([
    ['garbage', '<html>'],
    ['another type', '{"value":"1"}'],
    ['nothing', ''],
  ])('refuses %s as an answer', async (_name, body) => {
    const client = await upstream((_req, res) => res.end(body));
    expect((await failureOf(client.get('/', Answer))).failure).toBe('invalid');
  });

  it('refuses an answer that is too large', async () => {
    const client = await upstream((_req, res) => res.end('x'.repeat(2_000)), { maxResponseSize: 1_000 });
    expect((await failureOf(client.get('/', Answer))).failure).toBe('invalid');
  });

  it('tells the status of an answer that is an error', async () => {
    const client = await upstream((_req, res) => res.writeHead(404).end());
    expect(await failureOf(client.get('/', Answer))).toMatchObject({ failure: 'status', status: 404 });
  });

  it('tells that nobody is there', async () => {
    const client = createServiceClient({
      name: 'nobody',
      baseUrl: 'http://127.0.0.1:1',
      timeout: 500,
      metrics: createMetrics('test'),
    });
    const failure = await failureOf(client.get('/', Answer));
    expect(failure.failure).toBe('unreachable');
    expect(failure.toProblem()).toMatchObject({ status: 502, code: 'SYS_5002' });
  });

  it('repeats a read once whose connection was lost, and never a write', async () => {
    const seen: string[] = [];
    const client = await upstream((req, res) => {
      seen.push(req.method ?? '');
      if (seen.length === 1 || req.method === 'POST') req.socket.destroy();
      else res.end('{"value":2}');
    });
    expect(await client.get('/', Answer)).toEqual({ value: 2 });
    expect((await failureOf(client.post('/', Answer, {}))).failure).toBe('unreachable');
    expect(seen).toEqual(['GET', 'GET', 'POST']);
  });
});
