import { connect, type Socket } from 'node:net';

export interface LeanReply {
  status: number;
  /** Status line, header fields and body, as they came. */
  text: string;
}

type Settle = { resolve: (reply: LeanReply) => void; reject: (error: Error) => void };

const END_OF_HEAD = '\r\n\r\n';

/** The text of a request without a body. */
export function questionOf(method: 'GET' | 'POST', url: URL, headers: Record<string, string> = {}): string {
  const fields = { Host: url.host, ...(method === 'POST' && { 'Content-Length': '0' }), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/**
 * Requests over a few connections to one origin, with next to nothing done for each: node:http spends so long on a
 * request that it, and not the server, would be what is measured at thousands a second.
 */
export async function openLeanClient(url: URL, connections: number) {
  const waiting: { question: string; settle: Settle }[] = [];
  const free: Connection[] = [];
  const all: Socket[] = [];
  let next = 0;

  const onFree = (connection: Connection) => {
    const queued = waiting[next];
    if (!queued) {
      free.push(connection);
      return;
    }
    next += 1;
    // The front of a long array is not given back at every step.
    if (next === 1_024) next -= waiting.splice(0, next).length;
    connection.ask(queued.question, queued.settle);
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
    /** Waits for a connection where all are busy. @throws where the connection breaks */
    ask: (question: string) =>
      new Promise<LeanReply>((resolve, reject) => {
        const settle = { resolve, reject };
        const connection = free.pop();
        if (connection) connection.ask(question, settle);
        else waiting.push({ question, settle });
      }),
    close() {
      for (const socket of all) socket.destroy();
    },
  };
}
export type LeanClient = Awaited<ReturnType<typeof openLeanClient>>;

interface Connection {
  ask: (question: string, settle: Settle) => void;
}

function createConnection(socket: Socket, onFree: (connection: Connection) => void): Connection {
  let settle: Settle | undefined;
  let text = '';
  /** Bytes of the body; undefined until the head is whole. */
  let missing: number | undefined;

  const connection: Connection = {
    ask(question, next) {
      settle = next;
      text = '';
      missing = undefined;
      socket.write(question, 'latin1');
    },
  };
  const fail = (error: Error) => settle?.reject(error);
  socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    let bytes = chunk.byteLength;
    const before = text.length;
    text += chunk.toString('latin1');
    if (missing === undefined) {
      const end = text.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      if (length === undefined) return fail(new Error('an answer without Content-Length'));
      missing = Number(length);
      bytes = before + chunk.byteLength - end - END_OF_HEAD.length;
    }
    missing -= bytes;
    if (missing > 0) return;
    const answered = settle;
    settle = undefined;
    const reply = { status: Number(text.slice(9, 12)), text };
    onFree(connection);
    answered?.resolve(reply);
  });
  return connection;
}
