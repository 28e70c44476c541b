import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from '../answering.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';
import { NEXT } from '../stack.ts';

/** Varnish with its own ways, but that nothing expires while it is measured. It keeps gzip alone. */
export async function startVarnish(folder: string) {
  const port = await freePort();
  const { hostname, port: backendPort } = new URL(NEXT);
  const config = join(folder, 'varnish.vcl');
  writeFileSync(
    config,
    `vcl 4.1;
backend web { .host = "${hostname}"; .port = "${backendPort}"; }
sub vcl_backend_response { set beresp.ttl = 1h; }
`,
  );
  const command = ['varnishd', '-F', '-j', 'none', '-a', `127.0.0.1:${port}`, '-f', config, '-T', 'none'];
  const { stop } = spawnPinned(
    MEASURED,
    [...command, '-n', join(folder, 'varnish'), '-s', 'malloc,64m', '-p', 'thread_pools=1'],
    {
      talks: false,
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return { url, stop };
}
