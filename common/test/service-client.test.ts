import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInContext } from '@doa-market/common/context';
import { createServiceClient, UpstreamError } from '@doa-market/common/http';
import { createMetrics } from '@doa-market/common/metrics';
import { until } from '@doa-market/common/testing';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';

const ID = '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90';
const Answer = Type.Object({ value: Type.Integer() });
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function upstream(
  handle: RequestListener,
  options: Partial<Parameters<typeof createServiceClient>[0]> = {},
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

  it("hands a callee's own refusal on, and nothing that it says of itself or of its caller", async () => {
    const problem = {
      ...{ type: 'about:blank', title: 'Conflict', status: 409, detail: 'Not all of it is available.' },
      ...{ instance: '/', code: 'INV_4090', requestId: 'request-1', unavailable: [{ id: ID, available: 2 }] },
    };
    const answers = [problem, { ...problem, status: 403 }, { ...problem, status: 503 }, { nothing: 'of it' }];
    const client = await upstream((req, res) => {
      const answer = answers[Number(req.url?.slice(1))];
      res.writeHead(answer && 'status' in answer ? answer.status : 409, {
        'content-type': 'application/problem+json; charset=utf-8',
      });
      res.end(JSON.stringify(answer));
    });
    const refusal = (await failureOf(client.post('/0', Answer, {}))).toRefusal();
    expect(refusal).toMatchObject({
      ...{ status: 409, code: 'INV_4090', message: problem.detail, unavailable: problem.unavailable },
    });
    for (const path of ['/1', '/2', '/3']) {
      expect((await failureOf(client.post(path, Answer, {}))).toRefusal()).toBeUndefined();
    }
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

  it('repeats a read that a 502 answered, but not one that a 500 did, nor against a Retry-After', async () => {
    const seen: string[] = [];
    const client = await upstream((req, res) => {
      seen.push(req.url ?? '');
      if (req.url === '/busy') res.setHeader('retry-after', '1');
      res.writeHead(req.url === '/passing' ? 502 : req.url === '/busy' ? 503 : 500).end();
    });
    for (const path of ['/passing', '/broken', '/busy']) await failureOf(client.get(path, Answer));
    expect(seen).toEqual(['/passing', '/passing', '/broken', '/busy']);
  });

  it('repeats a tenth of its reads at most', async () => {
    let seen = 0;
    const client = await upstream(
      (_req, res) => {
        seen += 1;
        res.writeHead(502).end();
      },
      { breaker: { minimum: 1_000 } },
    );
    for (let call = 0; call < 200; call += 1) await failureOf(client.get('/', Answer));
    // What a quiet time saved up, and a tenth of the calls.
    expect(seen).toBeGreaterThan(200);
    expect(seen).toBeLessThanOrEqual(200 + 10 + 20);
  });

  it('refuses headers that are too large', async () => {
    const client = await upstream((_req, res) =>
      res.setHeader('x-huge', 'x'.repeat(60_000)).end('{"value":1}'),
    );
    expect((await failureOf(client.get('/', Answer))).failure).toBe('invalid');
  });

  it('stops asking a server that fails, and goes on once a single probe was answered', async () => {
    const metrics = createMetrics('test');
    const answers = { status: 500 };
    let seen = 0;
    let release: () => void = () => undefined;
    const client = await upstream(
      (_req, res) => {
        seen += 1;
        if (answers.status === 500) res.writeHead(500).end();
        else release = () => res.end('{"value":1}');
      },
      { metrics, breaker: { minimum: 10, openFor: 100 } },
    );
    for (let call = 0; call < 10; call += 1) await failureOf(client.get('/', Answer));
    const refused = await failureOf(client.get('/', Answer));
    expect(refused.failure).toBe('open');
    expect(refused.toProblem()).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(seen).toBe(10);
    const state = async (name: string) =>
      (await metrics.registry.metrics()).includes(
        `upstream_circuit_state{upstream="upstream",state="${name}",service="test"} 1`,
      );
    expect(await state('open')).toBe(true);

    answers.status = 200;
    await until(() => state('half-open'), 'the time to probe');
    const calls = Promise.allSettled(Array.from({ length: 20 }, () => client.get('/', Answer)));
    await until(() => seen === 11, 'the probe');
    release();
    const outcomes = await calls;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(seen).toBe(11);
    expect(await state('closed')).toBe(true);
  });

  it('holds no more calls at once than it may', async () => {
    const held: (() => void)[] = [];
    const client = await upstream((_req, res) => held.push(() => res.end('{"value":1}')), { maxInFlight: 2 });
    const calls = [client.get('/', Answer), client.get('/', Answer)];
    expect((await failureOf(client.get('/', Answer))).failure).toBe('overloaded');
    await until(() => held.length === 2, 'both calls');
    for (const answer of held) answer();
    expect(await Promise.all(calls)).toHaveLength(2);
    expect((await failureOf(client.get('/', Answer, { signal: AbortSignal.abort() }))).failure).toBe(
      'aborted',
    );
  });

  it('leaves no connection behind when five hundred callers go', async () => {
    let open = 0;
    const server = createServer(() => undefined).on('connection', (socket) => {
      open += 1;
      socket.once('close', () => (open -= 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createServiceClient({
      name: 'upstream',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      timeout: 10_000,
      maxInFlight: 1_000,
      metrics: createMetrics('test'),
    });
    cleanUps.push(
      () => client.close(),
      () => server.close(),
    );
    const gone = new AbortController();
    const calls = Array.from({ length: 500 }, () =>
      failureOf(client.get('/', Answer, { signal: gone.signal })),
    );
    await until(() => open > 10, 'connections');
    gone.abort();
    expect(new Set((await Promise.all(calls)).map(({ failure }) => failure))).toEqual(new Set(['aborted']));
    await until(() => open === 0, 'all connections to be closed');
  });
});
