import { type IncomingMessage, request } from 'node:http';

/** What a client asks for. */
export interface Wish {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
  /** Appended to the path. */
  query?: string;
}

export interface Reply {
  status: number;
  /** Lines of the same name joined. */
  headers: Record<string, string>;
  text: string;
  /** The statuses of interim answers, in order. */
  interim: number[];
}

/** One request on a connection of its own; nothing is followed, decoded or tried again. */
export function sendRequest(port: number, path: string, { method = 'GET', headers = {}, body }: Wish) {
  return new Promise<Reply>((resolve, reject) => {
    const interim: number[] = [];
    // Node.js frames the body of a DELETE in no way of its own accord.
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const fields = { ...length, ...headers };
    const sent = request({ port, path, method, headers: fields, host: '127.0.0.1', agent: false });
    sent.on('information', ({ statusCode }) => interim.push(statusCode));
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: joined(response), text, interim });
      });
    });
    sent.end(body);
  });
}

function joined({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
