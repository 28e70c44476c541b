import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Types of messages that carry a statement: a simple query, and one that is parsed to be executed. */
const STATEMENTS = new Set(['Q', 'P']);

/** Reads what a client of PostgreSQL sends: a start without a type, then messages of type, length and content. */
function createReader(onStatement: (text: string) => void) {
  let rest = Buffer.alloc(0);
  let started = false;
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const header = started ? 5 : 4;
      if (rest.length < header) return;
      const size = rest.readUInt32BE(header - 4) + header - 4;
      if (rest.length < size) return;
      const type = String.fromCharCode(rest[0] ?? 0);
      if (started && STATEMENTS.has(type)) onStatement(rest.toString('utf8', header, size));
      started = true;
      rest = rest.subarray(size);
    }
  };
}

/** Stands between a client and PostgreSQL, and knows every statement that passes. */
export async function startCountingProbe(databaseUrl: string) {
  const statements: string[] = [];
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on(
      'data',
      createReader((text) => statements.push(text)),
    );
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    statements,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
