import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from '../answering.ts';
import type { Scope } from '../clean-up.ts';
import { openLeanClient } from '../lean-client.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';
import { processorTime } from '../process-figures.ts';
import { median } from '../statistics.ts';
import { wrk } from '../wrk.ts';
import { type Crowd, gatherCrowd } from './crowd.ts';
import type { Hall } from './hall.ts';

const MEMBERS = 120_000;
const ENTERS = 4_000;
const ROUNDS = 3;
const SECONDS = 2;
const CONNECTIONS = 64;
/** Milliseconds: the longest that anybody is told to stay away. */
const TURN = 30_500;
const BAR = 0.8;

/** Everybody polls as fast as it can be answered, each once a round, so that nobody is early; a bare Fastify in turns. */
export async function ceiling(hall: Hall, { folder, keep }: Scope): Promise<void> {
  const crowd = await gatherCrowd(hall, { size: MEMBERS });
  const { samples } = await crowd.enters(ENTERS, { from: 0, to: MEMBERS });
  const waiting = crowd.authorizations().filter((_, index) => samples[index]?.status === 200);
  const script = pollsOf(folder, waiting);
  const path = `/api/queue/${crowd.eventId}/status`;
  await delay(TURN);
  const bare = keep(await startBare(await anAnswer(hall, crowd), path));

  const rates: { room: Rate; bare: Rate }[] = [];
  // The first round is not counted: the engine has not seen a poll before.
  for (let round = 0; round <= ROUNDS; round += 1) {
    if (round > 0) await delay(TURN);
    const room = await rateOf(hall.pid, `${hall.url.origin}${path}`, script);
    const peer = await rateOf(bare.pid, bare.url + path, script);
    if (round > 0) rates.push({ room, bare: peer });
  }
  crowd.close();
  const of = (name: 'room' | 'bare', figure: keyof Rate) => median(rates.map((rate) => rate[name][figure]));
  const ratio = median(rates.map(({ room, bare }) => room.perSecond / bare.perSecond));
  console.log(`\nas many polls as it can answer, ${CONNECTIONS} connections, median of ${ROUNDS} rounds`);
  console.log(
    `  ${of('room', 'perSecond').toFixed(0)}/s, a bare Fastify with the same answer ` +
      `${of('bare', 'perSecond').toFixed(0)}/s: ratio ${ratio.toFixed(2)}   (bar: ${BAR})`,
  );
  const times = [of('room', 'micros'), of('bare', 'micros')].map((time) => time.toFixed(0));
  console.log(`  processor time ${times.join(' and ')} us an answer`);
}

interface Rate {
  perSecond: number;
  /** Microseconds of processor time for each answer. */
  micros: number;
}

async function rateOf(pid: number | undefined, url: string, script: string): Promise<Rate> {
  const before = processorTime(pid);
  const { requestsPerSecond } = await wrk({ url, connections: CONNECTIONS, seconds: SECONDS, script });
  const taken = processorTime(pid) - before;
  return { perSecond: requestsPerSecond, micros: (taken * 1_000) / (requestsPerSecond * SECONDS) };
}

/** wrk's own Lua: each request is another member's. A list in the source would be more than its compiler takes. */
function pollsOf(folder: string, authorizations: readonly string[]): string {
  const [list, script] = [join(folder, 'tokens'), join(folder, 'polls.lua')];
  writeFileSync(list, authorizations.join('\n'));
  writeFileSync(
    script,
    `local requests, next = {}, 0
init = function()
  for authorization in io.lines("${list}") do
    wrk.headers["Authorization"] = authorization
    requests[#requests + 1] = wrk.format("GET", nil)
  end
end
request = function()
  next = next % #requests + 1
  return requests[next]
end
`,
  );
  return script;
}

async function anAnswer(hall: Hall, crowd: Crowd): Promise<string> {
  const client = await openLeanClient(hall.url, 1);
  const { status, text } = await client.ask(crowd.pollQuestion(MEMBERS - 1));
  client.close();
  if (status !== 200) throw new Error(`a poll was answered with ${status}`);
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

/** Its Fastify is the one of the servers; in plain JavaScript, as theirs is once it is built. */
async function startBare(answer: string, path: string) {
  const port = await freePort();
  const source = fileURLToPath(new URL('bare.mjs', import.meta.url));
  const { pid, stop } = spawnPinned(MEASURED, [process.execPath, source, `${port}`, answer]);
  const url = `http://127.0.0.1:${port}`;
  await answering(url + path);
  return { url, pid, stop };
}
