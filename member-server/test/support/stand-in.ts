import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse) => void;

const ANSWERS = {
  'is broken': (response) => response.writeHead(500).end(),
  'answers something else': (response) => response.end('<html>'),
  'answers another shape': (response) => response.end('{"data":[{"id":1}]}'),
  'hangs up': (response) => response.destroy(),
  'never answers': () => undefined,
} satisfies Record<string, Answer>;
export type Failure = keyof typeof ANSWERS;
export const FAILURES = Object.keys(ANSWERS) as Failure[];

/** Stands in for a product-server that fails in every way it can. */
export async function startFailingCatalogue(failure: Failure) {
  let requests = 0;
  let healthy: string | undefined;
  const server = createServer(async (request, response) => {
    requests += 1;
    if (healthy) return response.end(await (await fetch(`${healthy}${request.url}`)).text());
    if (request.url === '/health') return response.end('{"status":"ok"}');
    return ANSWERS[failure](response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    /** From here on it is well, and says what the server at `url` says. */
    passTo: (url: string) => {
      healthy = url;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
