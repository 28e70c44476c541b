import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export type Reply = (response: ServerResponse, seen: Seen) => void;

export interface Upstream {
  name: string;
  port: number;
  url: string;
  /** Requests so far, oldest first. */
  seen: Seen[];
  /** How it answers; an echo of the request at first. */
  reply: Reply;
  reset(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Answers with what arrived. */
function echo(name: string): Reply {
  return (response, { method, url, headers, body }) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('cache-control', 'private, no-store');
    response.end(JSON.stringify({ service: name, method, url, headers, body: body.toString() }));
  };
}

/** A service of the tests' own. */
export async function startUpstream(name: string, port = 0, host = '127.0.0.1'): Promise<Upstream> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const seen: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts),
      };
      upstream.seen.push(seen);
      upstream.reply(response, seen);
    });
  });
  server.keepAliveTimeout = 30_000;

  const upstream: Upstream = {
    name,
    port,
    url: '',
    seen: [],
    reply: echo(name),
    reset() {
      upstream.seen = [];
      upstream.reply = echo(name);
    },
    start() {
      return new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(upstream.port, host, () => {
          const address = server.address();
          if (address === null || typeof address === 'string') throw new Error('no address');
          upstream.port = address.port;
          upstream.url = `http://127.0.0.1:${address.port}`;
          resolve();
        });
      });
    },
    stop() {
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  await upstream.start();
  return upstream;
}
