import { connect, type Socket } from 'node:net';

type Settle = { resolve: (status: number) => void; reject: (error: Error) => void };

const END_OF_HEAD = '\r\n\r\n';

/**
 * One GET again and again over a few connections, with next to nothing done for each: node:http spends so long on a
 * request that it, and not the server, would be what is measured at thousands a second.
 */
export async function openLeanClient(url: URL, headers: Record<string, string>, connections: number) {
  const lines = Object.entries({ Host: url.host, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const question = `GET ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const waiting: Settle[] = [];
  const free: Connection[] = [];
  const all: Socket[] = [];

  const onFree = (connection: Connection) => {
    const next = waiting.shift();
    if (next) connection.ask(question, next);
    else free.push(connection);
  };
  for (let index = 0; index < connections; index += 1) {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    all.push(socket);
    free.push(createConnection(socket, onFree));
  }
  return {
    /** Waits for a connection where all are busy. @returns the status. @throws where the connection breaks */
    get: () =>
      new Promise<number>((resolve, reject) => {
        const connection = free.pop();
        if (connection) connection.ask(question, { resolve, reject });
        else waiting.push({ resolve, reject });
      }),
    close() {
      for (const socket of all) socket.destroy();
    },
  };
}

interface Connection {
  ask: (question: string, settle: Settle) => void;
}

function createConnection(socket: Socket, onFree: (connection: Connection) => void): Connection {
  let settle: Settle | undefined;
  let head = '';
  let status = 0;
  /** Bytes of the body; undefined until the head is whole. */
  let missing: number | undefined;

  const connection: Connection = {
    ask(question, next) {
      settle = next;
      head = '';
      missing = undefined;
      socket.write(question);
    },
  };
  const fail = (error: Error) => settle?.reject(error);
  socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    let bytes = chunk.byteLength;
    if (missing === undefined) {
      const before = head.length;
      head += chunk.toString('latin1');
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (length === undefined) return fail(new Error('an answer without Content-Length'));
      status = Number(head.slice(9, 12));
      missing = Number(length);
      bytes = before + chunk.byteLength - end - END_OF_HEAD.length;
    }
    missing -= bytes;
    if (missing > 0) return;
    const answered = settle;
    settle = undefined;
    onFree(connection);
    answered?.resolve(status);
  });
  return connection;
}
