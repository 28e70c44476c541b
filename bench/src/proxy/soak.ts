import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@doa-market/scripts/redis';
import { cleaningUp } from '../clean-up.ts';
import { startGateway } from '../gateway-process.ts';
import { openLoop } from '../open-loop.ts';
import { LOAD } from '../pinned.ts';
import { residentBytes } from '../process-figures.ts';
import { AUTH, BFF } from '../stack.ts';
import { median } from '../statistics.ts';
import { keepAlive } from './ask.ts';
import { startProxy } from './proxy-process.ts';
import { createTraffic } from './traffic.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 600);
const RATE = 300;
/** What the memory of the second half may be, of that of the first quarter. */
const BAR = 1.2;
const PURGE_TOKEN = 'soak-purge-token';
/** Milliseconds. */
const REDIS_AWAY = 5_000;

/** Everything at once for ten minutes, Redis dying twice: no error leaves the proxy, and nothing is leaked. */
export const soak = (): Promise<void> =>
  cleaningUp(async ({ folder, keep }) => {
    const gatewayRedis = keep(await startRedis({ dataDir: join(folder, 'gateway-redis') }));
    const gateway = keep(
      await startGateway(
        join(folder, 'gateway'),
        { AUTH_SERVICE_URL: AUTH, BFF_SERVICE_URL: BFF, REDIS_URL: gatewayRedis.url },
        { core: LOAD },
      ),
    );
    const dataDir = join(folder, 'redis');
    let redis = await startRedis({ dataDir });
    keep({ stop: () => redis.stop() });
    const env = { REDIS_URL: redis.url, KONG_GATEWAY_URL: gateway.url, PURGE_TOKEN };
    const proxy = keep(await startProxy(env));
    const agent = keepAlive();
    const traffic = createTraffic({ url: proxy.url, purgeToken: PURGE_TOKEN, agent });

    const memory: number[] = [];
    const reading = setInterval(() => memory.push(residentBytes(proxy.pid)), 1_000);
    const loaded = openLoop({ rate: RATE, seconds: SECONDS }, traffic.send);
    for (let death = 0; death < 2; death += 1) {
      await delay((SECONDS * 1_000) / 3 - REDIS_AWAY);
      await redis.stop();
      await delay(REDIS_AWAY);
      redis = await startRedis({ dataDir, port: redis.port });
    }
    await loaded;
    clearInterval(reading);
    agent.destroy();

    console.log(`\n${SECONDS} s of mixed load, ${RATE} requests/s, Redis stopped twice for ${REDIS_AWAY} ms`);
    for (const line of traffic.lines()) console.log(`  ${line}`);
    const first = median(memory.slice(0, memory.length >> 2));
    const second = median(memory.slice(memory.length >> 1));
    console.log(
      `  5xx: ${traffic.errors()} (bar 0)   resident ${mebibytes(first)} MiB in the first quarter, ` +
        `${mebibytes(second)} in the second half: ratio ${(second / first).toFixed(2)} (bar ${BAR})`,
    );
  });

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
