import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type Koa from 'koa';

/** Koa's listener with bounds of its own, and a stop that lets requests in flight finish. */
export function listen(koa: Koa, { HOST, PORT }: { HOST: string; PORT: number }) {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, koa.callback());
  return {
    start: (): Promise<string> =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(PORT, HOST, () => {
          const { address, port } = server.address() as AddressInfo;
          resolve(`http://${address}:${port}`);
        });
      }),
    async stop(): Promise<void> {
      const closed = promisify(server.close.bind(server))();
      server.closeIdleConnections();
      await closed;
    },
  };
}
