import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands between a level and its Redis, as a network that can be slow, or lose what it was given. */
export async function openRelay(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let connections = 0;
  let received = 0;
  let delay = 0;
  /** Connections up to this one are dead without knowing it. */
  let swallowed = 0;

  function pass(from: Socket, to: Socket, isDead: () => boolean): void {
    from.on('data', (chunk) => {
      const send = () => void (isDead() || to.destroyed || to.write(chunk));
      if (delay === 0) send();
      else setTimeout(send, delay);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (!isDead()) to.destroy();
    });
    sockets.add(from);
  }

  const server = createServer((client) => {
    connections += 1;
    const mine = connections;
    const isDead = () => mine <= swallowed;
    const upstream = connect(Number(port), hostname);
    client.on('data', (chunk) => {
      received += chunk.byteLength;
    });
    pass(client, upstream, isDead);
    pass(upstream, client, isDead);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    connections: () => connections,
    /** Bytes that were sent to Redis, whether they came through or not. */
    received: () => received,
    /** Milliseconds that everything takes from now on, each way. */
    slowDown(milliseconds: number): void {
      delay = milliseconds;
    },
    /** Loses everything on the connections that there are, without a word to either side. */
    swallow(): void {
      swallowed = connections;
    },
  };
}
