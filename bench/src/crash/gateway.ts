import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One address for several processes that come and go: each request goes to the next one that listens. */
export async function openGateway() {
  let ports: readonly number[] = [];
  let turn = 0;

  /** What is not answered in whole is not answered: its connection ends. */
  function pass(incoming: IncomingMessage, body: Buffer, answer: ServerResponse, attempts: number): void {
    if (attempts === 0) return void answer.destroy();
    const { method, url: path, headers } = incoming;
    const port = ports[turn++ % ports.length];
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
      reply.once('error', () => answer.destroy());
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') pass(incoming, body, answer, attempts - 1);
      else answer.destroy();
    });
    answer.once('close', () => outgoing.destroy());
    outgoing.end(body);
  }

  const listener = createServer((incoming, answer) => {
    buffer(incoming).then(
      (body) => pass(incoming, body, answer, ports.length),
      () => answer.destroy(),
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lead(to: readonly number[]): void {
      ports = to;
    },
    stop(): Promise<void> {
      listener.closeAllConnections();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
export type Gateway = Awaited<ReturnType<typeof openGateway>>;
