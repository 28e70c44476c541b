import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** Takes what is to be done at the end of something. */
export type OnEnd = (cleanUp: () => Promise<void>) => void;

/** What the proxy asks of its own accord, and what an origin says to it where a test is not about that. */
const ASIDE: Readonly<Record<string, number>> = { '/health': 200, '/api/auth/guest': 503 };

/**
 * A small origin that remembers what it was asked.
 * @param onEnd registers how it is stopped: at the end of the test, where nobody says otherwise
 */
export async function startOrigin(initial: Handler, aside = ASIDE, onEnd: OnEnd = onTestFinished) {
  let handler = initial;
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const status = aside[request.url ?? ''];
    if (status !== undefined) {
      response.writeHead(status).end('{}');
      return;
    }
    requests.push(request);
    handler(request, response);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const origin = {
    url: `http://127.0.0.1:${port}`,
    requests,
    /** The paths asked for, in order. */
    paths: () => requests.map((request) => request.url),
    answerWith(next: Handler) {
      handler = next;
    },
    async down() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    up: () => listen(port),
  };
  onEnd(() => origin.down());
  return origin;
}
export type Origin = Awaited<ReturnType<typeof startOrigin>>;

export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 's-maxage=60, stale-while-revalidate=600',
  Vary: 'rsc, next-router-state-tree, next-router-prefetch, next-router-segment-prefetch, Accept-Encoding',
};

/** Answers with a page, as Next.js would; `headers` replaces what a page usually has. */
export function page(html: string, headers: Record<string, string | string[]> = {}, status = 200): Handler {
  return (_request, response) => {
    response.writeHead(status, { ...PAGE_HEADERS, 'Content-Length': Buffer.byteLength(html), ...headers });
    response.end(html);
  };
}

/** Answers with what arrived: method, target, headers as sent, and the length of the body. */
export const echo: Handler = (request, response) => {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
  });
  request.on('end', () => {
    const body = JSON.stringify({
      method: request.method,
      url: request.url,
      headers: request.headers,
      bytes,
    });
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
};
