import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** One address for several processes that come and go: each connection goes to the next one that takes it. */
export async function openGateway() {
  let ports: readonly number[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();

  function pass(client: Socket, attempts: number): void {
    if (attempts === 0 || ports.length === 0) return void client.destroy();
    const server = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1');
    let joined = false;
    server.once('connect', () => {
      joined = true;
      client.pipe(server).pipe(client);
    });
    server.once('error', () => (joined ? client.destroy() : pass(client, attempts - 1)));
    server.once('close', () => joined && client.destroy());
    client.once('close', () => server.destroy());
  }

  const listener = createServer({ pauseOnConnect: true }, (client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    pass(client, ports.length);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lead(to: readonly number[]): void {
      ports = to;
    },
    stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
export type Gateway = Awaited<ReturnType<typeof openGateway>>;
