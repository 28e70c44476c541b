import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from './answering.ts';
import { LOAD, spawnPinned } from './pinned.ts';

/** An upstream that costs next to nothing: nginx with one answer of 2 KB, on the second core. */
export async function startStaticServer(folder: string) {
  const port = await freePort();
  const config = join(folder, 'static.conf');
  const body = JSON.stringify({ text: 'x'.repeat(2_000) });
  writeFileSync(
    config,
    `pid ${folder}/static.pid; error_log stderr error; worker_processes 1; daemon off;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; add_header Cache-Control "private, no-store"; return 200 '${body}'; }
  }
}
`,
  );
  const { stop } = spawnPinned(LOAD, ['nginx', '-e', 'stderr', '-c', config]);
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return { url, stop };
}
