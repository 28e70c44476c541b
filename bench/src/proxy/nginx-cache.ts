import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from '../answering.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';
import { NEXT } from '../stack.ts';

/**
 * nginx's proxy_cache as fast as it can be made to serve these pages: open files are remembered, Vary is replaced by a
 * key with the coding in it (a second lookup per request otherwise), nothing is compressed while it is served, and
 * nothing expires while it is measured.
 */
export async function startNginxCache(parent: string, { logs }: { logs: boolean }) {
  const folder = join(parent, logs ? 'nginx-logging' : 'nginx');
  mkdirSync(folder);
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `user root; pid ${folder}/pid; error_log stderr error; worker_processes 1; daemon off;
events { worker_connections 1024; }
http {
  access_log ${logs ? '/dev/null combined buffer=64k flush=1s' : 'off'};
  keepalive_requests 1000000000; sendfile off; etag off;
  open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  proxy_cache_path ${folder}/cache keys_zone=pages:10m inactive=1h use_temp_path=off;
  map $http_accept_encoding $coding { ~\\bbr\\b br; ~\\bgzip\\b gzip; default identity; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${NEXT};
      proxy_cache pages; proxy_cache_key $host$uri$coding; proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary;
      add_header X-Cache-Status $upstream_cache_status;
    }
  }
}
`,
  );
  const { stop } = spawnPinned(MEASURED, ['nginx', '-e', 'stderr', '-c', config]);
  const url = `http://127.0.0.1:${port}`;
  await answering(url);
  return { url, stop };
}
