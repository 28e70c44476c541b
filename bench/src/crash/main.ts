import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createChance } from '@doa-market/common/testing';
import { cleaningUp } from '../clean-up.ts';
import { type Play, play } from './play.ts';
import { type CrashPoint, matrix, randomPoint } from './points.ts';

/**
 * Falls at every durable step of an order while members buy, and looks whether anything was lost:
 *
 *   npm run crash -w bench -- --matrix             every step, edge and mode, and every card at each of them
 *   npm run crash -w bench -- --runs 1000 --seed 1  so many that are chosen by chance
 *
 * `--act n` is how many share one set of processes and databases before these are audited, `--from` and `--to` the acts that
 * are played; `--buyers` how many there are at once, `--hang` the milliseconds that a process is stopped, `--built` for what
 * was built last.
 */
const { values } = parseArgs({
  options: {
    matrix: { type: 'boolean', default: false },
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    act: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '1000000' },
    buyers: { type: 'string', default: '12' },
    hang: { type: 'string', default: '30000' },
    built: { type: 'boolean', default: false },
  },
});
const [runs, firstSeed, size, from, to, buyers, hang] = (
  ['runs', 'seed', 'act', 'from', 'to', 'buyers', 'hang'] as const
).map((name) => Number(values[name])) as [number, number, number, number, number, number, number];

const PATIENCE = 60_000;

/** The points of each act; chance is its seed's alone, so that an act can be repeated by itself. */
function* acts(): Iterable<{ seed: number; points: CrashPoint[] }> {
  const all = values.matrix ? [...matrix()] : undefined;
  const count = all?.length ?? runs;
  for (let done = 0, seed = firstSeed; done < count; done += size, seed += 1) {
    const chance = createChance(seed);
    const left = Math.min(size, count - done);
    const points = all?.slice(done, done + left) ?? Array.from({ length: left }, () => randomPoint(chance));
    yield { seed, points };
  }
}

function print({ reached, missed, outcomes, findings }: Play): void {
  const told = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${count} ${outcome}`);
  console.log(
    `  ${reached.length} falls, ${missed.length} points were not come to; buyers: ${told.join(', ')}`,
  );
  for (const finding of findings) console.log(`  FOUND ${finding}`);
}

let total = 0;
let notReached = 0;
let found = 0;
let act = 0;
for (const { seed, points } of acts()) {
  act += 1;
  if (act < from || act > to) continue;
  console.log(`act ${act}, seed ${seed}`);
  const played = await cleaningUp((scope) =>
    play(scope, {
      ...{ seed, points, buyers, hang, patience: PATIENCE, built: values.built },
      report: (line) => console.log(`  ${line}`),
    }),
  );
  print(played);
  total += played.reached.length;
  notReached += played.missed.length;
  found += played.findings.length;
  if (played.findings.length > 0) {
    const file = join(tmpdir(), `doa-crash-act-${act}-seed-${seed}.log`);
    writeFileSync(file, played.logs);
    console.log(`  what the processes have written is in ${file}`);
  }
}
console.log(`\n${total} falls (${notReached} points were not come to): ${found} findings   (bar: 0)`);
process.exitCode = found > 0 ? 1 : 0;
