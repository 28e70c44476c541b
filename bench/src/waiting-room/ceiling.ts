import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from '../answering.ts';
import type { Scope } from '../clean-up.ts';
import { openLeanClient } from '../lean-client.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';
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

  const rates: { room: number; bare: number }[] = [];
  // The first round is not counted: the engine has not seen a poll before.
  for (let round = 0; round <= ROUNDS; round += 1) {
    if (round > 0) await delay(TURN);
    const load = { connections: CONNECTIONS, seconds: SECONDS, script };
    const room = await wrk({ url: `${hall.url.origin}${path}`, ...load });
    const peer = await wrk({ url: `${bare.url}${path}`, ...load });
    if (round > 0) rates.push({ room: room.requestsPerSecond, bare: peer.requestsPerSecond });
  }
  crowd.close();
  const of = (name: 'room' | 'bare') => median(rates.map((rate) => rate[name]));
  const ratio = median(rates.map((rate) => rate.room / rate.bare));
  console.log(`\nas many polls as it can answer, ${CONNECTIONS} connections, median of ${ROUNDS} rounds`);
  console.log(
    `  ${of('room').toFixed(0)}/s, a bare Fastify with the same answer ${of('bare').toFixed(0)}/s: ` +
      `ratio ${ratio.toFixed(2)}   (bar: ${BAR})`,
  );
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
  const { stop } = spawnPinned(MEASURED, [process.execPath, source, `${port}`, answer]);
  const url = `http://127.0.0.1:${port}`;
  await answering(url + path);
  return { url, stop };
}
