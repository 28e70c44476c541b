import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The body as a record; `{}` when it is not JSON. */
  json: Record<string, unknown>;
}

export interface Call {
  method?: string;
  headers?: OutgoingHttpHeaders | readonly string[];
  body?: string | Buffer | readonly (string | Buffer)[];
}

export type Client = (path: string, call?: Call) => Promise<Answer>;

function record(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * Sends requests as they are given: nothing is added, followed or retried. A list of parts goes chunked.
 * Each has a connection of its own, unless there is an agent.
 */
export function clientOf(origin: string, agent: Agent | false = false): Client {
  const { hostname, port } = new URL(origin);
  return (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { hostname, port, path, method, headers, agent, setHost: true },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const whole = Buffer.concat(parts);
            const text = whole.toString();
            const status = incoming.statusCode ?? 0;
            resolve({ status, headers: incoming.headers, body: whole, text, json: record(text) });
          });
        },
      );
      outgoing.on('error', reject);
      if (Array.isArray(body)) for (const part of body) outgoing.write(part);
      outgoing.end(Array.isArray(body) ? undefined : (body as string | Buffer | undefined));
    });
}
