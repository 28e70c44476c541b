import pg from 'pg';
import { loadLarge } from './load.ts';

/** What a laptop still loads in minutes. */
const MOST = 2_000_000;

/** Adds generated products until there are as many as asked for. Run again, it goes on where it ended. */
export async function seedLarge(databaseUrl: string, products: string): Promise<void> {
  const count = Number(products);
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new Error(`--products takes a number from 1 to ${MOST}, not ${products}`);
  }
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'product-server seed' });
  await client.connect();
  try {
    const started = performance.now();
    const today = new Date(new Date().setUTCHours(0, 0, 0, 0));
    const added = await loadLarge(client, { count, today, progress: progressBar(process.stdout) });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${added} generated products added in ${seconds} s\n`);
  } finally {
    await client.end();
  }
}

const WIDTH = 40;

/** A bar that grows where somebody watches, and a line for each tenth where nobody does. */
function progressBar(stream: NodeJS.WriteStream) {
  let tenths = 0;
  return (done: number, count: number): void => {
    const share = done / count;
    const text = `${'█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')} ${done} of ${count}`;
    if (stream.isTTY) stream.write(`\r${text}${done === count ? '\n' : ''}`);
    else if (Math.floor(share * 10) > tenths) stream.write(`${text}\n`);
    tenths = Math.floor(share * 10);
  };
}
