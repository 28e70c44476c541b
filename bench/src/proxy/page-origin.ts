import { createServer, type Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { freePort } from '@doa-market/scripts/free-port';

interface PageOriginOptions {
  /** Milliseconds that one page takes. */
  render: number;
  cacheControl: string;
  /** Addresses, so that it can be told who asks. */
  doors?: number;
}

interface Render {
  door: number;
  path: string;
  /** Milliseconds of performance.now(). */
  at: number;
}

const BODY = `<!doctype html><title>A page</title>${'<p>Sixteen kilobytes of it.</p>'.repeat(512)}`;
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Length': Buffer.byteLength(BODY),
  Vary: 'Accept-Encoding',
};

/** A slow origin that counts what it renders. */
export async function startPageOrigin({ render, cacheControl, doors = 1 }: PageOriginOptions) {
  const renders: Render[] = [];
  const servers: { url: string; server: Server }[] = [];
  let onRender: (render: Render) => void = () => undefined;
  for (let door = 0; door < doors; door += 1) {
    const server = createServer((request, response) => {
      const asked = { door, path: request.url ?? '', at: performance.now() };
      if (asked.path !== '/health') renders.push(asked);
      onRender(asked);
      setTimeout(() => {
        response.writeHead(200, { ...HEADERS, 'Cache-Control': cacheControl });
        response.end(BODY);
      }, render);
    });
    const port = await freePort();
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    servers.push({ url: `http://127.0.0.1:${port}`, server });
  }
  return {
    urls: servers.map(({ url }) => url),
    rendersOf: (path: string) => renders.filter((it) => it.path === path),
    /** The next render of a path, as soon as it is asked for. */
    nextRenderOf: (path: string) =>
      new Promise<Render>((resolve) => {
        onRender = (asked) => asked.path === path && resolve(asked);
      }),
    async stop() {
      for (const { server } of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
export type PageOrigin = Awaited<ReturnType<typeof startPageOrigin>>;
