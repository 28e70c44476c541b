import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in for auth-server: issues service tokens and ends sessions, and goes away when told to. */
export async function startAuthServer() {
  const ended: string[] = [];
  let away = false;
  let keysUrl = '';

  async function answer(request: IncomingMessage): Promise<[status: number, body?: string]> {
    if (request.url === '/.well-known/jwks.json') {
      return [200, await (await fetch(`${keysUrl}${request.url}`)).text()];
    }
    if (away) return [503];
    if (request.url === '/internal/service-tokens') {
      const known = `Basic ${Buffer.from('member-server:member-server-development-secret').toString('base64')}`;
      if (request.headers.authorization !== known) return [401];
      return [200, JSON.stringify({ accessToken: 'service-token', expiresIn: 60 })];
    }
    const [, memberId] =
      /^\/internal\/members\/([0-9a-f-]{36})\/sessions\/end$/.exec(request.url ?? '') ?? [];
    if (!memberId || request.headers.authorization !== 'Bearer service-token') return [404];
    ended.push(memberId);
    return [204];
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Whose tokens it answers for. */
    publishKeysOf: (authorityUrl: string) => {
      keysUrl = authorityUrl;
    },
    setAway: (value: boolean) => {
      away = value;
    },
    /** Whose sessions were ended, as often as they were. */
    ended: (memberId: string) => ended.filter((it) => it === memberId).length,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
