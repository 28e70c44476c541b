import { setTimeout as delay } from 'node:timers/promises';
import { processorTime } from '../process-figures.ts';
import { gatherCrowd } from './crowd.ts';
import type { Hall } from './hall.ts';
import { linesOf } from './presentation.ts';
import { difference } from './redis-figures.ts';

const MEMBERS = 100_000;
/** Others who come first, a part as fast: an engine that has just started has not seen an enter or a poll before. */
const EARLY = { members: 10_000, share: 0.5 };
const ENTERS = 5_000;
const POLLS = 10_000;
/** Milliseconds: the longest that anybody is told to stay away. */
const TURN = 30_500;
const BARS = { enter: 25, poll: 10 };

/** All enter at a steady rate, none seen before; then each polls when that is welcome, and nobody is let in. */
export async function rush(hall: Hall): Promise<void> {
  const early = await gatherCrowd(hall, { size: EARLY.members });
  const crowd = await gatherCrowd(hall, { size: MEMBERS });
  const first = { from: 0, to: EARLY.members };
  await early.enters(ENTERS * EARLY.share, first);
  const all = { from: 0, to: MEMBERS };

  const beforeEnters = processorTime(hall.pid);
  const entered = await crowd.enters(ENTERS, all);
  const entering = processorTime(hall.pid) - beforeEnters;
  console.log(`\n${ENTERS} enters/s, ${MEMBERS} members, their tokens never seen before`);
  console.log(linesOf(entered, BARS.enter));
  console.log(`  processor time ${perRequest(entering)} us an enter`);

  await delay(TURN);
  await early.polls(POLLS * EARLY.share, first);
  // As much time without anybody, to know what Redis is asked in the background.
  const quiet = (MEMBERS / POLLS) * 1_000;
  const beforeQuiet = processorTime(hall.pid);
  const [before] = [await hall.figures.commands(), await delay(quiet)];
  const between = await hall.figures.commands();
  const quietTime = processorTime(hall.pid) - beforeQuiet;
  const beforePolls = processorTime(hall.pid);
  const polled = await crowd.polls(POLLS, all);
  const polling = processorTime(hall.pid) - beforePolls;
  const [background, during] = [
    difference(before, between),
    difference(between, await hall.figures.commands()),
  ];
  console.log(`\n${POLLS} polls/s, ${MEMBERS} waiting`);
  console.log(linesOf(polled, BARS.poll));
  console.log(
    `  processor time ${perRequest(polling)} us a poll, ${perRequest(quietTime)} us of them for what goes on without anybody`,
  );
  const sum = (commands: ReadonlyMap<string, number>) => [...commands.values()].reduce((a, b) => a + b, 0);
  const more = Math.max(0, sum(during) - sum(background));
  console.log(
    `  Redis: ${sum(during)} commands meanwhile, ${sum(background)} in as long without anybody: ` +
      `${(more / MEMBERS).toFixed(4)} a poll   (bar: 0)`,
  );
  early.close();
  crowd.close();
}

const perRequest = (milliseconds: number): string => ((milliseconds * 1_000) / MEMBERS).toFixed(0);
