import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeGateway {
  url: string;
  /** Guest tokens given out so far, oldest first. */
  issued: string[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, token: string | undefined) => void;

export function answer(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A gateway that gives out guest tokens for `credentials`, and leaves every other request to `handler`. */
export async function startGateway(credentials: string, handler: Handler): Promise<FakeGateway> {
  const issued: string[] = [];
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    if (request.url !== '/api/auth/guest') {
      handler(request, response, authorization?.replace('Bearer ', ''));
      return;
    }
    if (request.method !== 'POST' || authorization !== basic) {
      answer(response, 401, { code: 'AUTH_1004' });
      return;
    }
    const accessToken = `guest-${issued.length + 1}`;
    issued.push(accessToken);
    answer(response, 201, { accessToken, tokenType: 'Bearer', expiresIn: 900, role: 'GUEST' });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    issued,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}
