import { parseArgs } from 'node:util';
import { cleaningUp } from './clean-up.ts';
import { holdSale, type Sale } from './sale/sale.ts';

/**
 * One sale from the pre-queue to the last seat, through two queue-servers, product-server and the payment sandbox:
 *
 *   npm run sale -w bench -- --members 50000 --seats 3000 --rate 12 --arrival 30
 *
 * `--built` for what was built last, which is faster.
 */
const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '50000' },
    seats: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '12' },
    arrival: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    built: { type: 'boolean', default: false },
  },
});
const [members, seats, rate, arrival, seed] = (['members', 'seats', 'rate', 'arrival', 'seed'] as const).map(
  (name) => Number(values[name]),
) as [number, number, number, number, number];

const sale = await cleaningUp((scope) =>
  holdSale(scope, { members, seats, rate, arrival, seed, built: values.built }),
);
print(sale);
process.exitCode = sale.findings.length > 0 ? 1 : 0;

function print({
  pace,
  predictions,
  statuses,
  outcomes,
  conflicts,
  sold,
  tickets,
  money,
  findings,
}: Sale): void {
  const off = (100 * Math.abs(pace.rate - rate)) / rate;
  console.log(`\n${members} members, ${seats} seats, ${rate} let in a second`);
  console.log(
    `  let in ${pace.rate.toFixed(2)}/s over ${pace.seconds.toFixed(0)} s: ${off.toFixed(1)} % off   (bar: 2 %)`,
  );
  for (const { above, below, count, within, error, truth } of predictions) {
    console.log(
      `  told a wait of ${above} to ${below} s: ${(100 * within).toFixed(0)} % of ${count} came out within the range; ` +
        `the middle was ${error.toFixed(1)} s off, of ${truth.toFixed(0)} s (medians)`,
    );
  }
  const list = (counts: ReadonlyMap<unknown, number>) =>
    [...counts].map(([what, count]) => `${count} x ${what}`).join(', ');
  const failures = [...statuses]
    .filter(([status]) => status >= 500)
    .reduce((sum, [, count]) => sum + count, 0);
  console.log(`  answers of the waiting room: ${list(statuses)}; 5xx: ${failures}   (bar: 0)`);
  console.log(`  buyers: ${list(outcomes)}; ${conflicts} times somebody was faster`);
  console.log(
    `  sold: ${sold} of ${seats} seats; tickets ${tickets.count} for ${tickets.seats} seats   (bar: the same three)`,
  );
  console.log(
    `  captured ${money.captured} = confirmed ${money.confirmed} + refunded ${money.refunded} won: ` +
      `${money.captured - money.confirmed - money.refunded}   (bar: 0)`,
  );
  for (const finding of findings) console.log(`  FOUND ${finding}`);
  console.log(`  ${findings.length} findings   (bar: 0)`);
}
