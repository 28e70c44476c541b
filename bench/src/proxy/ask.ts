import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
  /** Milliseconds after which the client goes away. */
  leaveAfter?: number;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it came, still compressed. */
  body: Buffer;
}

/** As many connections as there are requests at a time. */
export const keepAlive = (): Agent => new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** One request as given, Host included, which fetch would set itself. @throws where no whole answer came */
export function ask(url: string, question: Question = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, agent, leaveAfter } = question;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, ...(agent && { agent }) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    if (leaveAfter !== undefined) setTimeout(() => outgoing.destroy(), leaveAfter);
    outgoing.end(body);
  });
}
