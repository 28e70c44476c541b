import { randomUUID } from 'node:crypto';
import { type LeanClient, openLeanClient, questionOf } from '../lean-client.ts';
import { openLoop, type Sample } from '../open-loop.ts';
import type { Hall } from './hall.ts';

/** How a run of requests was answered. */
export interface Outcome {
  /** From when each should have gone out until it was answered; milliseconds. */
  samples: readonly (Sample & { status: number })[];
  statuses: ReadonlyMap<number, number>;
}

interface CrowdOptions {
  size: number;
  connections?: number;
}

/** Members of one new waiting room, which is not open yet. */
export async function gatherCrowd(hall: Hall, { size, connections = 64 }: CrowdOptions) {
  const eventId = randomUUID();
  await hall.operate('PUT', eventId, { rate: 1_000, capacity: 500_000, graceSeconds: 3_600 });
  const path = (verb: string) => new URL(`/api/queue/${eventId}/${verb}`, hall.url);
  const headersOf = (token: string) => ({ Authorization: `Bearer ${token}`, 'X-Request-Id': randomUUID() });
  const headers = Array.from({ length: size }, () => headersOf(hall.member().token));
  const client = await openLeanClient(hall.url, connections);
  const pollQuestion = (index: number) => questionOf('GET', path('status'), headers[index]);

  return {
    eventId,
    size,
    /** The poll of a member, as it goes over the wire. */
    pollQuestion,
    authorizations: () => headers.map(({ Authorization }) => Authorization),
    enters: (rate: number, range: Range) =>
      run(client, rate, range, (index) => questionOf('POST', path('enter'), headers[index])),
    polls: (rate: number, range: Range) => run(client, rate, range, pollQuestion),
    close: () => client.close(),
  };
}
export type Crowd = Awaited<ReturnType<typeof gatherCrowd>>;

/** Which of the members, each of them once. */
export interface Range {
  from: number;
  to: number;
}

async function run(
  client: LeanClient,
  rate: number,
  { from, to }: Range,
  questionOf: (index: number) => string,
): Promise<Outcome> {
  const statuses: number[] = [];
  const samples = await openLoop({ rate, seconds: (to - from) / rate }, async (index) => {
    statuses[index] = (await client.ask(questionOf(from + index))).status;
  });
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return {
    samples: samples.map((sample, index) => ({ ...sample, status: statuses[index] ?? 0 })),
    statuses: counts,
  };
}
