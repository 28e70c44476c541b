import { cleaningUp } from '../clean-up.ts';
import { openLeanClient, questionOf } from '../lean-client.ts';
import { openLoop } from '../open-loop.ts';
import { median, quantile } from '../statistics.ts';
import { startPageOrigin } from './page-origin.ts';
import { startProxy } from './proxy-process.ts';

const RATE = 5_000;
const CONNECTIONS = 64;
const RENDER = 500;
/** Seconds that a page lives. */
const FRESH = 5;
const EXPIRIES = 3;
const BAR = 2;
/** Milliseconds on either side of an expiry. */
const AROUND = 500;

/** A busy page expires while its render is slow: whoever comes then must not feel it. */
export const expiry = (): Promise<void> =>
  cleaningUp(async ({ keep }) => {
    const origin = keep(
      await startPageOrigin({
        render: RENDER,
        cacheControl: `s-maxage=${FRESH}, stale-while-revalidate=600`,
      }),
    );
    const proxy = keep(await startProxy({ NEXT_SERVER: origin.urls[0] ?? '' }));
    const url = new URL(proxy.url);
    const client = await openLeanClient(url, CONNECTIONS);
    const question = questionOf('GET', url, { 'Accept-Encoding': 'gzip, br' });
    const get = async () => {
      const { status } = await client.ask(question);
      if (status !== 200) throw new Error(`the page was answered with ${status}`);
    };
    await get();
    const samples = await openLoop({ rate: RATE, seconds: (FRESH + 1) * EXPIRIES + 2 }, get);
    client.close();

    const between = (from: number, to: number) =>
      samples.filter(({ at }) => at >= from && at < to).map(({ latency }) => latency);
    const expiries = origin.rendersOf('/').slice(1, 1 + EXPIRIES);
    const rows = expiries.map(({ at }) => {
      const around = between(at - AROUND, at + AROUND);
      return {
        before: quantile(between(at - AROUND - 2_500, at - AROUND), 0.99),
        around: quantile(around, 0.99),
        longest: quantile(around, 1),
      };
    });

    console.log(`\n${RATE} requests/s across the expiry of a page that takes ${RENDER} ms to render`);
    for (const { before, around, longest } of rows) {
      console.log(
        `  p99 before ${before.toFixed(2)} ms, in the second around ${around.toFixed(2)} ms, ` +
          `longest ${longest.toFixed(1)} ms`,
      );
    }
    const ratio = median(rows.map(({ before, around }) => around / before));
    const waited = rows.filter(({ longest }) => longest >= RENDER).length;
    console.log(
      `  ratio ${ratio.toFixed(2)} (bar ${BAR}), ${waited} of ${rows.length} expiries made anybody wait (bar 0)`,
    );
  });
