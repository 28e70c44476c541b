import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError, MovedError, NotFoundError } from '../src/api/errors';
import { createGatewayClient } from '../src/api/gateway-client';
import { answer, type FakeGateway, type Handler, startGateway } from './support/gateway';

const CREDENTIALS = 'doa-web:a-secret';
const Greeting = Type.Object({ hello: Type.String() });

let gateway: FakeGateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function connect(handler: Handler, { credentials = CREDENTIALS, timeout = 2_000 } = {}) {
  gateway = await startGateway(CREDENTIALS, handler);
  const client = createGatewayClient({
    gatewayUrl: gateway.url,
    basicKey: credentials,
    requestTimeout: timeout,
    revalidateToken: 'unused',
    firstPartyToken: 'first-party',
  });
  return { client, gateway };
}

describe('a read through the gateway', () => {
  it('takes one guest token for all that start together, and keeps it', async () => {
    const seen = new Set<string | undefined>();
    const { client, gateway } = await connect((_request, response, token) => {
      seen.add(token);
      answer(response, 200, { hello: 'world' });
    });

    const together = Array.from({ length: 20 }, () => client.get('/api/home', Greeting));
    expect(await Promise.all(together)).toHaveLength(20);
    await client.get('/api/home', Greeting);

    expect(gateway.issued).toEqual(['guest-1']);
    expect([...seen]).toEqual(['guest-1']);
  });

  it('is repeated once with a new token when the old one is refused', async () => {
    const { client, gateway } = await connect((_request, response, token) => {
      if (token === 'guest-1') answer(response, 401, { code: 'AUTH_1005' });
      else answer(response, 200, { hello: 'again' });
    });

    expect(await client.get('/api/home', Greeting)).toEqual({ hello: 'again' });
    expect(gateway.issued).toEqual(['guest-1', 'guest-2']);
  });

  it('is not repeated for ever when every token is refused', async () => {
    let calls = 0;
    const { client } = await connect((_request, response) => {
      calls += 1;
      answer(response, 401, { code: 'AUTH_1002' });
    });

    await expect(client.get('/api/home', Greeting)).rejects.toThrow(GatewayError);
    expect(calls).toBe(2);
  });

  it("shows that one of the market's own servers asks", async () => {
    let shown: unknown;
    const { client } = await connect((request, response) => {
      shown = request.headers['x-warmup-token'];
      answer(response, 200, { hello: 'world' });
    });
    await client.get('/api/home', Greeting);
    expect(shown).toBe('first-party');
  });

  it('carries a request id that is named in the error', async () => {
    let sent: string | undefined;
    const { client } = await connect((request, response) => {
      sent = String(request.headers['x-request-id']);
      answer(response, 502, { code: 'SYS_5002' });
    });

    const failure = await client.get('/api/home', Greeting).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GatewayError);
    expect(failure).toMatchObject({ requestId: sent });
    expect(sent).toMatch(/^[A-Za-z0-9._-]{8,128}$/);
  });

  it.each([
    ['another shape', (response: Parameters<Handler>[1]) => answer(response, 200, { hello: 7 })],
    ['something that is not JSON', (response: Parameters<Handler>[1]) => response.end('<html>')],
    [
      'a truncated body',
      (response: Parameters<Handler>[1]) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"hello"', () => response.destroy());
      },
    ],
    ['no answer at all', (response: Parameters<Handler>[1]) => response.destroy()],
  ])('fails as a gateway error on %s', async (_case, respond) => {
    const { client } = await connect((_request, response) => {
      respond(response);
    });
    await expect(client.get('/api/home', Greeting)).rejects.toThrow(GatewayError);
  });

  it('gives up at its deadline', async () => {
    const { client } = await connect(() => undefined, { timeout: 100 });
    await expect(client.get('/api/home', Greeting)).rejects.toThrow(GatewayError);
  });

  it('tells what does not exist from what fails', async () => {
    const { client } = await connect((_request, response) => answer(response, 404, { code: 'REQ_4040' }));
    await expect(client.get('/api/products/none', Greeting)).rejects.toThrow(NotFoundError);
  });

  it('tells where something has moved', async () => {
    const { client } = await connect((_request, response) =>
      answer(response, 308, {}, { location: '/api/products/new-slug' }),
    );
    const failure = await client.get('/api/products/old-slug', Greeting).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MovedError);
    expect(failure).toMatchObject({ location: '/api/products/new-slug' });
  });

  it('fails when its own credentials are refused', async () => {
    const { client } = await connect((_request, response) => answer(response, 200, { hello: 'world' }), {
      credentials: 'doa-web:wrong',
    });
    await expect(client.get('/api/home', Greeting)).rejects.toThrow(/No guest token/);
  });
});
