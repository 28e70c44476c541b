import { setTimeout as delay } from 'node:timers/promises';
import { cleaningUp } from '../clean-up.ts';
import { compare, type Peer } from '../compare.ts';
import { NEXT } from '../stack.ts';
import { ask } from './ask.ts';
import { startNginxCache } from './nginx-cache.ts';
import { startProxy } from './proxy-process.ts';
import { startVarnish } from './varnish.ts';

const headers = { 'Accept-Encoding': 'gzip, br' };

/** The home page from memory, against two caches written in C and against the server that renders it. */
export const hit = (): Promise<void> =>
  cleaningUp(async ({ folder, keep }) => {
    const quiet = keep(await startProxy());
    const logging = keep(await startProxy({ LOG_LEVEL: 'info' }));
    const nginx = keep(await startNginxCache(folder, { logs: false }));
    const nginxLogging = keep(await startNginxCache(folder, { logs: true }));
    const varnish = keep(await startVarnish(folder));
    const page = (name: string, { url }: { url: string }) => ({ name, url: `${url}/`, headers });
    const inGzip = { headers: { 'Accept-Encoding': 'gzip' } };
    const peer = (name: string, server: { url: string }, bar: number): Peer => ({
      ...page(name, server),
      bar,
    });

    const subject = page('proxy-server', quiet);
    const peers = [
      peer('nginx proxy_cache', nginx, 1),
      peer('Varnish', varnish, 1.3),
      peer('next start (ISR)', { url: NEXT }, 40),
    ];
    const loggingSubject = page('proxy-server', logging);
    const loggingPeer = peer('nginx proxy_cache', nginxLogging, 1);

    for (const { name, url } of [subject, ...peers, loggingSubject, loggingPeer]) await introduce(name, url);
    await compare('home page, HIT, nothing written to a log', subject, peers);
    await compare('the same, asked for in gzip alone', { ...subject, ...inGzip }, [
      { ...peer('nginx proxy_cache', nginx, 1), ...inGzip },
    ]);
    await compare('home page, HIT, one line in the access log each', loggingSubject, [loggingPeer]);
  });

/** Of a contender, to compress what it keeps; milliseconds. */
const SETTLING = 1_000;

/** Says what a contender answers once it is warm. */
async function introduce(name: string, url: string): Promise<void> {
  await ask(url, { headers });
  await delay(SETTLING);
  const { status, headers: answered, body } = await ask(url, { headers });
  const from = answered['x-cache-status'] ?? answered['x-nextjs-cache'] ?? `age ${answered['age']}`;
  console.log(
    `  ${name.padEnd(28)} ${status} ${from}, ${answered['content-encoding'] ?? 'identity'}, ${body.byteLength} bytes`,
  );
}
