import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox } from '../../src/certification/sandbox/sandbox.ts';

export const PORTONE = {
  apiSecret: 'a secret of PortOne',
  storeId: 'store-0d6a7c1e',
  channelKey: 'channel-key-5c0f1b7a',
};

type Fault =
  | 'none'
  | 'hangs up'
  | 'never answers'
  | 'answers 500'
  | 'answers HTML'
  | 'answers an empty object';

/** The sandbox behind something that can fail, and can change what it says. */
export async function startPortOne(publicUrl: string) {
  const sandbox = createSandbox({ ...PORTONE, publicUrl });
  let fault: Fault = 'none';
  let change: ((answer: Record<string, unknown>) => object) | undefined;
  const server = createServer((request, response) => {
    if (request.method === 'POST') return sandbox(request, response);
    if (fault !== 'none') return fail(fault, response);
    if (change) alter(response, change);
    return sandbox(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    /** What somebody does on the page of the agency. */
    verify: (id: string, person: { name: string; birthDate: string; phone: string }, result = 'verify') =>
      fetch(`${url}/pages/identity-verifications/${id}`, {
        method: 'POST',
        body: new URLSearchParams({ ...person, result }),
        redirect: 'manual',
      }),
    fail: (how: Fault) => {
      fault = how;
    },
    /** Makes its answers other than they are. */
    change: (how: typeof change) => {
      change = how;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type PortOne = Awaited<ReturnType<typeof startPortOne>>;

function fail(how: Fault, response: ServerResponse): void {
  if (how === 'hangs up') response.destroy();
  if (how === 'answers 500') response.writeHead(500).end('{"type":"UNKNOWN"}');
  if (how === 'answers HTML') response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello');
  if (how === 'answers an empty object') response.writeHead(200).end('{}');
}

function alter(response: ServerResponse, change: (answer: Record<string, unknown>) => object): void {
  const end = response.end.bind(response);
  response.end = ((text: string) =>
    end(JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)))) as typeof response.end;
}
