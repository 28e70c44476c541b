import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Journey {
  method: string;
  path: string;
}

/** `refused`: nobody hears of it. `lost`: it is done, and nobody hears that it was. */
export type Fault = 'refused' | 'lost';

/** The way to another server, on which requests and answers can get lost. */
export async function startRoad(target: string) {
  const road = {
    url: '',
    /** What becomes of a request; nothing bad, unless a test says so. */
    faultOf: (_journey: Journey): Fault | undefined | Promise<undefined> => undefined,
    isOpen: () => {
      road.faultOf = () => undefined;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const fault = await road.faultOf({ method, path });
    if (fault === 'refused') return void request.socket.destroy();
    const onward = send(`${target}${path}`, { method, headers }, (answer) => {
      if (fault === 'lost') return void answer.resume().once('end', () => request.socket.destroy());
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => request.socket.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  road.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return road;
}
export type Road = Awaited<ReturnType<typeof startRoad>>;
