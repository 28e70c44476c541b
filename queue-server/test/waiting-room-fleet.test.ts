import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { QueuePlace, QueueStats } from '@doa-market/common/contracts';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { forgetRooms, type Member, newMembers, openProcess, type Process } from './support/waiting-room.ts';

const MEMBERS = 60;

let authority: Authority;
let fleet: Process[];
let members: Member[];
/** Runs forward at will, so that nobody comes too early. */
let later = 0;
const eventId = randomUUID();

const refresh = () => Promise.all(fleet.map(({ pictures }) => pictures.refreshAll()));
const processAt = (index: number): Process => {
  const chosen = fleet[index % fleet.length];
  if (!chosen) throw new Error('no process');
  return chosen;
};
const operatorOf = (process: Process, path: string) =>
  process.app.inject({
    url: `/api/queue/${path}`,
    headers: { authorization: `Bearer ${process.operator}` },
    payloadAsStream: true,
  });

beforeAll(async () => {
  await forgetRooms(redisUrl());
  authority = await startAuthority();
  const elapsed = () => performance.now() + later;
  fleet = await Promise.all([0, 1, 2].map(() => openProcess(redisUrl(), authority, { elapsed })));
  members = await newMembers(authority, MEMBERS);
  await processAt(0).put(eventId, { rate: 10 });
  // Whichever process they come to.
  for (const [index, member] of members.entries()) {
    expect((await processAt(index).enter(eventId, member)).json()).toMatchObject({ receipt: index + 1 });
  }
  await processAt(1).tell(eventId, 'open');
  await refresh();
});
afterAll(async () => {
  await processAt(0).remove(eventId);
  await Promise.all(fleet.map((process) => process.close()));
  await authority.close();
});

describe('several processes behind one address', () => {
  it('say the same to a member, whichever of them answers', async () => {
    await processAt(2).leave(eventId, members[10] ?? { id: '', token: '' });
    await refresh();
    for (const [index, member] of members.slice(20, 40).entries()) {
      const places: QueuePlace[] = [];
      for (const shift of fleet.keys()) {
        later += 60_000;
        places.push((await processAt(index + shift).status(eventId, member)).json());
      }
      const said = places.map(({ receipt, number, position, ahead }) => [receipt, number, position, ahead]);
      expect(said[1]).toEqual(said[0]);
      expect(said[2]).toEqual(said[0]);
      expect(said[0]?.[0]).toBe(index + 21);
    }
    const positions = members
      .filter((_, index) => index !== 10)
      .map((_member, at) => at + (at >= 10 ? 2 : 1))
      .map((receipt) => processAt(0).pictures.find(eventId)?.positionOf(receipt));
    expect(positions.toSorted((a = 0, b = 0) => (a ?? 0) - (b ?? 0))).toEqual(
      Array.from({ length: MEMBERS - 1 }, (_, index) => index + 1),
    );
  });

  it('answer who waits without asking Redis anything', async () => {
    const waiting = members.slice(40);
    // Each process asks once whose place it is.
    for (const shift of fleet.keys()) {
      later += 60_000;
      for (const [index, member] of waiting.entries()) await processAt(index + shift).status(eventId, member);
    }
    const commands = fleet.map(({ redis }) => vi.spyOn(redis, 'sendCommand'));
    for (let round = 0; round < 9; round += 1) {
      later += 60_000;
      for (const [index, member] of waiting.entries()) {
        const answer = await processAt(index + round).status(eventId, member);
        expect([answer.statusCode, answer.json<QueuePlace>().place]).toEqual([200, 'WAITING']);
      }
    }
    const asked = commands.flatMap(({ mock }) => mock.calls.map(([{ args }]) => args.join(' ')));
    expect(asked.filter((command) => command.includes(eventId))).toEqual([]);
    // Whether a session has ended is asked for all of them at once, every now and then.
    expect(asked.length).toBeLessThan(9 * waiting.length * 0.2);
    for (const spy of commands) spy.mockRestore();
  });
});

describe('an operator', () => {
  it('sees what a room is like, and who leads it, from any process', async () => {
    await processAt(2).tell(eventId, 'pause');
    await refresh();
    await processAt(1).leadership.step();
    await refresh();
    const stats = await Promise.all(
      fleet.map(async (process) => (await process.ask('GET', `${eventId}/stats`, process.operator)).json()),
    );
    expect(stats[0]).toMatchObject({
      ...{ eventId, state: 'PAUSED', entered: MEMBERS, waiting: MEMBERS - 1, gone: 1, called: 0, missed: 0 },
      settings: { opensAt: null, rate: 10, capacity: 50_000, graceSeconds: 300 },
      leader: expect.stringMatching(/^1:/),
    });
    const { serverTime: _, ...first } = stats[0];
    for (const other of stats) expect(other).toMatchObject(first);
    const metrics = await (await processAt(1).app.inject('/metrics')).body;
    expect(metrics).toContain(
      `waiting_room_waiting{event="${eventId}",service="queue-server"} ${MEMBERS - 1}`,
    );
    expect(metrics).toContain(`waiting_room_leader{event="${eventId}",service="queue-server"} 1`);
    expect(metrics).toMatch(/waiting_room_steps_total\{outcome="DONE",service="queue-server"\} 1$/m);
  });

  it('can watch it live, until the server closes', async () => {
    const extra = await openProcess(redisUrl(), authority);
    const response = await operatorOf(extra, `${eventId}/live`);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'private, no-store',
    });
    const messages: QueueStats[] = [];
    const stream = response.stream().setEncoding('utf8');
    stream.on('data', (text: string) => messages.push(JSON.parse(text.replace(/^data: /, ''))));
    await vi.waitFor(() => expect(messages.length).toBeGreaterThan(1), 5_000);
    expect(messages[1]).toMatchObject({ eventId, entered: MEMBERS });
    expect(Date.parse(messages[1]?.serverTime ?? '')).toBeGreaterThan(
      Date.parse(messages[0]?.serverTime ?? ''),
    );
    const ended = once(stream, 'end');
    await extra.close();
    await ended;
  });

  it('must be one', async () => {
    for (const path of ['stats', 'live']) {
      const answer = await processAt(0).ask('GET', `${eventId}/${path}`, members[0]?.token ?? '');
      expect(answer.statusCode).toBe(403);
    }
    const nowhere = await processAt(0).ask('GET', `${randomUUID()}/live`, processAt(0).operator);
    expect([nowhere.statusCode, nowhere.json().code]).toEqual([404, 'QUE_4040']);
  });
});
