import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCatalogue } from '@doa-market/scripts/catalogue';
import { serviceDatabaseUrl } from '@doa-market/scripts/databases';
import { freePorts } from '@doa-market/scripts/ports';
import { startStack } from '@doa-market/scripts/stack';
import { cleaningUp } from './clean-up.ts';
import { openLeanClient, questionOf } from './lean-client.ts';
import { openLoop } from './open-loop.ts';
import { quantile } from './statistics.ts';

/**
 * How long it takes until a changed price is in the HTML that the proxy gives, while visitors ask for that page and for
 * the home page. A whole stack of its own, on all cores; it has to be built.
 */

const CHANGES = 200;
/** Changes that come alone, and the pause after each in milliseconds: longer than changes are put together for. */
const ALONE = 40;
const PAUSE = 300;
const RATE = 100;
/** Seconds of visits after which it is looked whether that was the last change. */
const SLICE = 2;
/** Milliseconds; what DESIGN promises for the 95th percentile. */
const BAR = 1_000;
/** Milliseconds between two looks at the page. */
const LOOK_EVERY = 3;

const figures = (values: readonly number[]) =>
  [0.5, 0.95, 0.99, 1].map((share) => `${quantile(values, share).toFixed(1)}`).join(' / ');

await cleaningUp(async ({ folder, keep }) => {
  chmodSync(folder, 0o711);
  const stack = keep(await startStack({ data: join(folder, 'data'), ports: await freePorts() }));
  const catalogue = openCatalogue(serviceDatabaseUrl('product-server', stack.ports.postgres));
  keep({ stop: catalogue.close });
  const shop = stack.urls.PROXY_SERVER_URL;
  const [product] = await catalogue.products();
  if (!product) throw new Error('the catalogue is empty');
  const path = `/products/${product.slug}`;
  const statuses = new Map<string, number>();

  async function shows(text: string): Promise<boolean> {
    const response = await fetch(shop + path);
    const status = response.headers.get('x-cache-status') ?? '';
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    return (await response.text()).includes(text);
  }

  async function change(price: number): Promise<number> {
    await catalogue.changePrice(product?.slug ?? '', price);
    const changedAt = performance.now();
    const text = new Intl.NumberFormat('ko-KR').format(price);
    while (!(await shows(text))) {
      if (performance.now() - changedAt > 70_000) throw new Error(`${text} was never shown`);
      await delay(LOOK_EVERY);
    }
    return performance.now() - changedAt;
  }

  const origin = shop.replace('localhost', '127.0.0.1');
  const client = await openLeanClient(new URL(origin), 16);
  keep({ stop: client.close });
  const questions = [path, '/'].map((it) =>
    questionOf('GET', new URL(origin + it), { 'Accept-Encoding': 'gzip' }),
  );
  for (let index = 0; index < 10; index += 1) await change(500_009 + index);
  statuses.clear();

  let isOver = false;
  async function visit(): Promise<number[]> {
    const latencies: number[] = [];
    while (!isOver) {
      const samples = await openLoop({ rate: RATE, seconds: SLICE }, (index) =>
        client.ask(questions[index % 2] ?? ''),
      );
      latencies.push(...samples.map(({ latency }) => latency));
    }
    return latencies;
  }
  const visiting = visit();
  const times: number[] = [];
  for (let index = 0; index < CHANGES; index += 1) times.push(await change(700_001 + index));
  const alone: number[] = [];
  for (let index = 0; index < ALONE; index += 1) {
    await delay(PAUSE);
    alone.push(await change(800_001 + index));
  }
  isOver = true;
  const visits = await visiting;

  const p95 = quantile(times, 0.95);
  console.log(`${CHANGES} changes, one after another, under ${RATE} visits a second`);
  console.log(`  until the page shows it, ms     p50 / p95 / p99 / max  ${figures(times)}`);
  console.log(`  the same, one that comes alone  p50 / p95 / p99 / max  ${figures(alone)}`);
  console.log(`  a visit meanwhile, ms           p50 / p95 / p99 / max  ${figures(visits)}`);
  console.log(
    `  the page was given as           ${[...statuses].map(([name, count]) => `${name} ${count}`).join(', ')}`,
  );
  console.log(`  p95 at most ${BAR} ms: ${p95 <= BAR ? 'yes' : 'NO'}`);
});
process.exit(0);
