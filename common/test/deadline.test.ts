import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentContext, DEADLINE_HEADER, timeLeft, within } from '@doa-market/common/context';
import { createServiceClient } from '@doa-market/common/http';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { type App, createApp } from '@doa-market/common/server';
import { until } from '@doa-market/common/testing';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const never = () => new Promise<never>(() => undefined);
const Left = Type.Object({ left: Type.Number() });

let upstream: Server;
let told: string | undefined;
let hungUp: number;
let app: App;

beforeAll(async () => {
  hungUp = 0;
  upstream = createServer((request, response) => {
    told = request.headers[DEADLINE_HEADER]?.toString();
    if (request.url === '/hang') response.once('close', () => (hungUp += 1));
    else response.end('{"left":1}');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const metrics = createMetrics('test');
  const client = createServiceClient({
    name: 'upstream',
    baseUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    timeout: 5_000,
    metrics,
  });
  app = await createApp({
    name: 'test',
    description: '',
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics,
    verifyToken: Object.assign(never, { atOnce: () => undefined }),
    dependencies: [],
    budget: 1_000,
  });
  const access = { config: { access: 'public' } } as const;
  app.get('/left', access, async () => ({ left: timeLeft() }));
  app.get('/ask', access, () => client.get('/', Left));
  app.get('/hang', access, () => client.get('/hang', Left));
  app.get('/section', access, () => within(300, () => client.get('/', Left)));
  app.addHook('onClose', () => client.close());
});
afterAll(async () => {
  upstream.closeAllConnections();
  await app.close();
  upstream.close();
});

const ask = (url: string, deadline?: string) =>
  app.inject({ url, headers: deadline === undefined ? {} : { [DEADLINE_HEADER]: deadline } });

describe('the time of a request', () => {
  it("is its caller's, and never more than the server's own budget", async () => {
    expect((await ask('/left', '200')).json<{ left: number }>().left).toBeLessThanOrEqual(200);
    const { left } = (await ask('/left', '60000')).json<{ left: number }>();
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(1_000);
  });

  it.each(['soon', '-1', '1e3', '9999999', ''])(
    'is the budget where the caller says %j',
    async (deadline) => {
      expect((await ask('/left', deadline)).json<{ left: number }>().left).toBeGreaterThan(500);
    },
  );

  it('is over at once for a caller who has none left', async () => {
    const response = await ask('/left', '0');
    expect(response.statusCode).toBe(504);
    expect(response.json()).toMatchObject({ code: 'SYS_5004' });
  });

  it('travels on with each call, as what is left of it', async () => {
    await ask('/ask', '400');
    expect(Number(told)).toBeGreaterThan(0);
    expect(Number(told)).toBeLessThanOrEqual(400);
    await ask('/section');
    expect(Number(told)).toBeLessThanOrEqual(300);
  });

  it('ends what is done for it: the call is given up, and the answer is 504', async () => {
    const startedAt = performance.now();
    const response = await ask('/hang', '150');
    expect(response.statusCode).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await until(() => hungUp === 1, 'the upstream sees that nobody waits');
  });
});

describe('within', () => {
  it('gives up work that takes no notice', async () => {
    await expect(within(20, never)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('is never longer than what is around it', async () => {
    await within(50, async () => {
      expect(timeLeft()).toBeLessThanOrEqual(50);
      await within(5_000, async () => expect(timeLeft()).toBeLessThanOrEqual(50));
    });
  });

  it('tells its work to stop', async () => {
    let signal: AbortSignal | undefined;
    const work = within(20, () => {
      signal = currentContext()?.signal;
      return never();
    });
    await expect(work).rejects.toThrow();
    expect(signal?.aborted).toBe(true);
  });
});
