import { fileURLToPath } from 'node:url';
import { bunBinary } from '@doa-market/scripts/bun';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from '../answering.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';
import { NEXT } from '../stack.ts';

const MAIN = fileURLToPath(new URL('../../../proxy-server/src/main.ts', import.meta.url));
const NOWHERE = 'http://127.0.0.1:9';

/** proxy-server from its source, alone on the first core, in front of the running Next.js unless `env` says otherwise. */
export async function startProxy(env: Record<string, string> = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = spawnPinned(MEASURED, [bunBinary(), MAIN], {
    env: {
      PORT: `${port}`,
      ADMIN_PORT: `${await freePort()}`,
      PROXY_SERVER_URL: url,
      LOG_LEVEL: 'warn',
      NEXT_SERVER: NEXT,
      KONG_GATEWAY_URL: NOWHERE,
      ...env,
    },
  });
  await answering(`${url}/health`).catch(async (error: unknown) => {
    await started.stop();
    throw error;
  });
  return { ...started, url };
}
export type ProxyProcess = Awaited<ReturnType<typeof startProxy>>;
