import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueuePlace, QueueRoom } from '@doa-market/common/contracts';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { drawNumber } from '@doa-market/scripts/draw';
import { type RedisCluster, startRedisCluster } from '@doa-market/scripts/redis-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysOf, ROOMS } from '../src/waiting-room/keys.ts';
import { newMember, newMembers, openProcess, type Process } from './support/waiting-room.ts';

let authority: Authority;
let folder: string;
let cluster: RedisCluster;
let one: Process;
let other: Process;

beforeAll(async () => {
  authority = await startAuthority();
  folder = await mkdtemp(join(tmpdir(), 'doa-cluster-'));
  cluster = await startRedisCluster(folder);
  const patient = { timeout: 1_000 };
  [one, other] = await Promise.all([
    openProcess(cluster.url, authority, patient),
    openProcess(cluster.url, authority, patient),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([one?.close(), other?.close()]);
  await authority.close();
  await cluster?.stop();
  await rm(folder, { recursive: true });
});

const nodeOf = (slot = -1) => cluster.nodes.findIndex(({ lastSlot }) => slot <= lastSlot);

/** A room on each node. */
async function eventsOfEachNode(): Promise<string[]> {
  const found = new Map<number, string>();
  while (found.size < cluster.nodes.length) {
    const eventId = randomUUID();
    found.set(nodeOf(await one.redis.cluster('KEYSLOT', keysOf(eventId).room)), eventId);
  }
  return [...found.values()];
}

describe('waiting rooms in a Redis cluster', () => {
  it('are on different nodes, and each of them does all that a waiting room does', async () => {
    for (const eventId of await eventsOfEachNode()) {
      expect((await one.put(eventId, { rate: 5 })).statusCode).toBe(200);
      await other.pictures.refresh(eventId);
      const members = await newMembers(authority, 12);
      const entered = await Promise.all(
        members.map((member, at) => (at % 2 ? one : other).enter(eventId, member)),
      );
      expect(entered.map((it) => it.statusCode)).toEqual(members.map(() => 200));

      const { draw } = (await one.tell(eventId, 'open')).json<QueueRoom>();
      await other.pictures.refresh(eventId);
      await Promise.all([one.call(eventId, 3), other.call(eventId, 3)]);
      const answers = await Promise.all(members.map((member) => other.enter(eventId, member)));
      expect(answers.map((it) => it.statusCode)).toEqual(members.map(() => 200));
      const places = answers.map((it) => it.json<QueuePlace>());
      for (const { number, receipt } of places) {
        expect(number).toBe(draw && drawNumber(draw, receipt));
      }
      const admitted = members.filter((_, at) => places[at]?.place === 'ADMITTED');
      expect(admitted).toHaveLength(3);

      const [buyer, quitter] = admitted;
      if (!buyer || !quitter) return;
      const token = places[members.indexOf(buyer)]?.admission?.token ?? '';
      const { admissionId } = await one.grants.verify({ eventId, memberId: buyer.id, token });
      await one.grants.finish({ eventId, memberId: buyer.id, admissionId });
      expect((await one.leave(eventId, quitter)).statusCode).toBe(204);
      expect((await other.enter(eventId, buyer)).json()).toMatchObject({ place: 'WAITING', receipt: 13 });
      expect((await one.remove(eventId)).statusCode).toBe(204);
      expect((await one.enter(eventId, await newMember(authority))).statusCode).toBe(404);
    }
  });

  it('know of each other: a member queues for one event at a time, whatever node it is on', async () => {
    const events = await eventsOfEachNode();
    for (const eventId of events) await Promise.all([one.put(eventId), other.pictures.refresh(eventId)]);
    for (const eventId of events) await other.pictures.refresh(eventId);
    for (const member of await newMembers(authority, 5)) {
      const answers = await Promise.all(
        events.map((eventId, at) => (at % 2 ? one : other).enter(eventId, member)),
      );
      expect(answers.map((it) => it.statusCode).sort()).toEqual([200, 409, 409]);
    }
  });

  it('fail alone: the node of one event hangs, and the others go on', async () => {
    const events = await eventsOfEachNode();
    for (const eventId of events) await Promise.all([one.put(eventId), other.put(eventId)]);
    // The node that also has the list of all rooms.
    const stuckNode = nodeOf(await one.redis.cluster('KEYSLOT', ROOMS));
    const slots = await Promise.all(events.map((it) => one.redis.cluster('KEYSLOT', keysOf(it).room)));
    const stuck = events.find((_, at) => nodeOf(slots[at]) === stuckNode) ?? '';
    const others = events.filter((it) => it !== stuck);
    for (const eventId of others) await other.tell(eventId, 'pause');
    const { pid = 0 } = cluster.nodes[stuckNode] ?? {};
    process.kill(pid, 'SIGSTOP');
    try {
      const startedAt = performance.now();
      expect((await one.enter(stuck, await newMember(authority))).statusCode).toBe(503);
      expect(performance.now() - startedAt).toBeLessThan(5_000);

      await expect(one.pictures.refreshAll()).rejects.toMatchObject({ status: 503 });
      const answers: number[] = [];
      for (const eventId of others) {
        expect(one.pictures.find(eventId)?.room.state).toBe('PAUSED');
        // Whose claim is on the node that hangs has to wait as well: a third of all.
        const members = await newMembers(authority, 6);
        const entered = await Promise.all(members.map((member) => one.enter(eventId, member)));
        answers.push(...entered.map((it) => it.statusCode));
      }
      expect(answers).toContain(200);
      expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
