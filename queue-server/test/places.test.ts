import { randomUUID } from 'node:crypto';
import type { QueuePlace, QueueRoom } from '@doa-market/common/contracts';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { drawNumber } from '@doa-market/scripts/draw';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeOf } from '../src/waiting-room/keys.ts';
import { expireGrant, newMember, newMembers, openProcess, type Process } from './support/waiting-room.ts';

let authority: Authority;
/** Two processes behind one address: a member comes to either. */
let one: Process;
let other: Process;

beforeAll(async () => {
  authority = await startAuthority();
  [one, other] = await Promise.all([openProcess(redisUrl(), authority), openProcess(redisUrl(), authority)]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await authority.close();
});

type Answer = Awaited<ReturnType<Process['enter']>>;
const placeOf = (answer: Answer): QueuePlace => {
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<QueuePlace>();
};
const codeOf = (answer: Answer) => [answer.statusCode, answer.json<{ code: string }>().code];

/** A room that is open, with the first `called` numbers called. */
async function newRoom(settings: Parameters<Process['put']>[1] = {}): Promise<string> {
  const eventId = randomUUID();
  expect((await one.put(eventId, settings)).statusCode).toBe(200);
  await other.pictures.refresh(eventId);
  return eventId;
}

async function openRoom(eventId: string): Promise<void> {
  expect((await one.tell(eventId, 'open')).statusCode).toBe(200);
  await other.pictures.refresh(eventId);
}

describe('entering', () => {
  it('gives places in the order of arrival, and the same one again to whoever has one', async () => {
    const eventId = await newRoom();
    const [first, second] = [await newMember(authority), await newMember(authority)];
    expect(placeOf(await one.enter(eventId, first))).toMatchObject({
      ...{ eventId, state: 'PRE_QUEUE', place: 'WAITING', receipt: 1, number: null, position: null },
      ...{ ahead: null, wait: null, opensAt: null, admission: null },
    });
    expect(placeOf(await other.enter(eventId, second)).receipt).toBe(2);
    expect(placeOf(await other.enter(eventId, first)).receipt).toBe(1);
  });

  it('gives one place to a member who comes from twenty tabs and devices at the same moment', async () => {
    const eventId = await newRoom();
    const members = await newMembers(authority, 5);
    const tabs = members.flatMap((member) =>
      Array.from({ length: 20 }, (_, tab) => (tab % 2 ? one : other).enter(eventId, member)),
    );
    const receipts = (await Promise.all(tabs)).map((answer) => placeOf(answer).receipt);
    expect(new Set(receipts)).toEqual(new Set([1, 2, 3, 4, 5]));
    for (const [at] of members.entries()) {
      expect(new Set(receipts.slice(at * 20, at * 20 + 20)).size).toBe(1);
    }
  });

  it('is for one event at a time, also for who tries both at once', async () => {
    const [here, there] = [await newRoom(), await newRoom()];
    for (const member of await newMembers(authority, 10)) {
      const answers = await Promise.all([one.enter(here, member), other.enter(there, member)]);
      expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 409]);
      const [refused] = answers.filter((answer) => answer.statusCode === 409);
      expect(refused?.json()).toMatchObject({
        code: 'QUE_4090',
        detail: expect.stringMatching(/[0-9a-f-]{36}/),
      });
    }
  });

  it('is possible elsewhere after leaving, and where nothing is left of the other place', async () => {
    const [here, there] = [await newRoom(), await newRoom()];
    const member = await newMember(authority);
    placeOf(await one.enter(here, member));
    expect((await other.leave(here, member)).statusCode).toBe(204);
    placeOf(await one.enter(there, member));

    expect((await one.remove(there)).statusCode).toBe(204);
    // Who claimed the event a moment ago may still be on the way into it.
    expect(codeOf(await other.enter(here, member))).toEqual([409, 'QUE_4090']);
    await one.redis.pexpire(activeOf(member.id), 86_390_000);
    expect(placeOf(await other.enter(here, member)).receipt).toBe(2);
  });

  it('is refused where there is no waiting room, and where it is full or sold out', async () => {
    const member = await newMember(authority);
    expect(codeOf(await one.enter(randomUUID(), member))).toEqual([404, 'QUE_4040']);

    const eventId = await newRoom({ capacity: 2 });
    const [first, second] = [await newMember(authority), await newMember(authority)];
    placeOf(await one.enter(eventId, first));
    placeOf(await one.enter(eventId, second));
    const full = await one.enter(eventId, member);
    expect(codeOf(full)).toEqual([503, 'QUE_5030']);
    expect(full.headers['retry-after']).toBe('10');
    placeOf(await one.enter(eventId, second));
    await one.leave(eventId, first);
    expect(placeOf(await one.enter(eventId, member)).receipt).toBe(3);

    await one.redis.hset(`queue:{${eventId}}:room`, 'state', 'SOLD_OUT');
    expect(codeOf(await one.enter(eventId, first))).toEqual([410, 'QUE_4100']);
    expect(placeOf(await one.enter(eventId, member)).receipt).toBe(3);
    // Who was refused is free to queue for something else.
    placeOf(await one.enter(await newRoom(), first));
  });
});

describe('the opening', () => {
  it('draws the numbers of who is there, for all to compute again; who comes later is behind them', async () => {
    const eventId = await newRoom();
    const members = await newMembers(authority, 40);
    await Promise.all(members.map((member, at) => (at % 2 ? one : other).enter(eventId, member)));
    await openRoom(eventId);
    const visitor = await authority.token('GUEST');
    const answer = await other.ask('GET', eventId, visitor);
    expect(answer.headers['cache-control']).toBe('public, s-maxage=1');
    const { draw, state, waiting } = answer.json<QueueRoom>();
    expect({ state, waiting, size: draw?.size }).toEqual({ state: 'OPEN', waiting: 40, size: 40 });
    if (!draw) return;

    const places = await Promise.all(members.map(async (it) => placeOf(await one.enter(eventId, it))));
    for (const { number, receipt } of places) expect(number).toBe(drawNumber(draw, receipt));
    expect(new Set(places.map(({ number }) => number)).size).toBe(40);
    expect(placeOf(await other.enter(eventId, await newMember(authority)))).toMatchObject({ number: 41 });
  });

  it('happens once, whoever asks for it and however often', async () => {
    const eventId = await newRoom();
    placeOf(await one.enter(eventId, await newMember(authority)));
    await Promise.all([one, other, one, other].map((it) => it.tell(eventId, 'open')));
    const drawOf = async (it: Process) =>
      (await it.ask('GET', eventId, await authority.token('GUEST'))).json();
    const first = await drawOf(one);
    await one.tell(eventId, 'open');
    expect((await drawOf(other)).draw).toEqual(first.draw);
  });

  it('may be paused before and after, and goes on as what it was', async () => {
    const eventId = await newRoom();
    const stateAfter = async (what: 'open' | 'pause' | 'resume') =>
      (await one.tell(eventId, what)).json<QueueRoom>().state;
    expect(await stateAfter('pause')).toBe('PAUSED');
    expect(await stateAfter('resume')).toBe('PRE_QUEUE');
    expect(await stateAfter('open')).toBe('OPEN');
    expect(await stateAfter('pause')).toBe('PAUSED');
    expect(await stateAfter('resume')).toBe('OPEN');
    expect((await one.tell(randomUUID(), 'pause')).statusCode).toBe(404);
    expect((await one.tell(randomUUID(), 'open')).statusCode).toBe(404);
  });
});

describe('the status of a place', () => {
  it('says when to come again, and refuses who comes before', async () => {
    const eventId = await newRoom();
    const member = await newMember(authority);
    const { nextPollIn } = placeOf(await one.enter(eventId, member));
    expect(nextPollIn).toBeGreaterThan(0);
    const early = await one.status(eventId, member);
    expect(codeOf(early)).toEqual([429, 'QUE_4290']);
    expect(Number(early.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(placeOf(await other.status(eventId, member)).receipt).toBe(1);
  });

  it('is 404 for who never came and for who has left, and where there is no room', async () => {
    const eventId = await newRoom();
    const member = await newMember(authority);
    expect(codeOf(await one.status(eventId, member))).toEqual([404, 'QUE_4041']);
    expect(codeOf(await one.status(randomUUID(), member))).toEqual([404, 'QUE_4040']);
    placeOf(await one.enter(eventId, member));
    expect((await one.leave(eventId, member)).statusCode).toBe(204);
    expect((await other.leave(eventId, member)).statusCode).toBe(204);
    expect(codeOf(await one.status(eventId, member))).toEqual([404, 'QUE_4041']);
    expect(placeOf(await one.enter(eventId, member)).receipt).toBe(2);
  });
});

describe('a turn', () => {
  it('is taken by polling or entering, and its token is the same in every tab and process', async () => {
    const eventId = await newRoom();
    const member = await newMember(authority);
    placeOf(await one.enter(eventId, member));
    await openRoom(eventId);
    await one.call(eventId, 1);
    await other.call(eventId, 1);
    const polled = placeOf(await other.status(eventId, member));
    expect(polled).toMatchObject({
      place: 'ADMITTED',
      number: 1,
      position: 0,
      ahead: 0,
      wait: { min: 0, max: 0 },
    });
    expect(polled.admission?.token).toMatch(/^qr_[A-Za-z0-9_-]{43}$/);
    expect(placeOf(await one.enter(eventId, member)).admission).toEqual(polled.admission);
    expect(placeOf(await other.enter(eventId, member)).admission).toEqual(polled.admission);

    const claim = { eventId, memberId: member.id, token: polled.admission?.token ?? '' };
    const grants = await Promise.all([one, other, one].map((it) => it.grants.verify(claim)));
    expect(new Set(grants.map((it) => it.admissionId)).size).toBe(1);
    expect(grants[0]?.expiresAt.toISOString()).toBe(polled.admission?.expiresAt);
  });

  it('is over when something was bought, when its time has passed, and when it was given up', async () => {
    const eventId = await newRoom();
    await openRoom(eventId);
    const endings: ((admission: Parameters<Process['grants']['finish']>[0]) => Promise<unknown>)[] = [
      (admission) => one.grants.finish(admission),
      ({ memberId }) => expireGrant(one.redis, eventId, { id: memberId, token: '' }),
    ];
    for (const [at, end] of endings.entries()) {
      const member = await newMember(authority);
      placeOf(await one.enter(eventId, member));
      await one.call(eventId, 2 * at + 1);
      const { admission } = placeOf(await one.enter(eventId, member));
      const claim = { eventId, memberId: member.id, token: admission?.token ?? '' };
      const { admissionId } = await one.grants.verify(claim);
      await end({ eventId, memberId: member.id, admissionId });
      await expect(one.grants.verify(claim)).rejects.toMatchObject({ code: 'QUE_4030' });
      await other.pictures.refresh(eventId);
      expect(codeOf(await other.status(eventId, member))).toEqual([404, 'QUE_4041']);

      const again = placeOf(await one.enter(eventId, member));
      expect(again).toMatchObject({ place: 'WAITING', receipt: 2 * at + 2 });
      // What follows up on a purchase may come late and twice: the new place is not what it is about.
      await one.grants.finish({ eventId, memberId: member.id, admissionId });
      expect(placeOf(await one.enter(eventId, member)).receipt).toBe(2 * at + 2);
    }
  });

  it('is not taken by who was not called, was missed, or is gone', async () => {
    const eventId = await newRoom();
    const members = await newMembers(authority, 3);
    for (const member of members) placeOf(await one.enter(eventId, member));
    await openRoom(eventId);
    const places = await Promise.all(members.map(async (it) => placeOf(await other.enter(eventId, it))));
    const [called, missed, gone] = [1, 2, 3].map((number) => places.findIndex((it) => it.number === number));
    const memberAt = (at = -1) => members[at] ?? { id: '', token: '' };
    await one.call(eventId, 1);
    expect(placeOf(await one.enter(eventId, memberAt(called))).place).toBe('ADMITTED');
    expect(placeOf(await one.enter(eventId, memberAt(missed))).place).toBe('WAITING');

    const mark = async (bitmap: 'missed' | 'gone', at = -1) => {
      await one.redis.setbit(`queue:{${eventId}}:${bitmap}`, (places[at]?.receipt ?? 0) - 1, 1);
    };
    await other.call(eventId, 3);
    await mark('missed', missed);
    await mark('gone', gone);
    // This process has not heard of it yet; it is put right by Redis.
    expect(placeOf(await other.enter(eventId, memberAt(missed))).place).toBe('WAITING');
    await one.redis.hincrby(`queue:{${eventId}}:room`, 'version', 1);
    await one.pictures.refresh(eventId);
    expect(placeOf(await one.enter(eventId, memberAt(missed))).place).toBe('WAITING');
    expect(codeOf(await one.status(eventId, memberAt(gone)))).toEqual([404, 'QUE_4041']);
    expect(placeOf(await other.enter(eventId, memberAt(gone)))).toMatchObject({ receipt: 4 });
  });

  it('does not stand in the way of a member who waits for another event by now', async () => {
    const [here, there] = [await newRoom(), await newRoom()];
    const member = await newMember(authority);
    placeOf(await one.enter(here, member));
    // The claim of the first event has run out after a day.
    await one.redis.del(activeOf(member.id));
    placeOf(await one.enter(there, member));
    await openRoom(here);
    await other.call(here, 1);
    expect(codeOf(await other.status(here, member))).toEqual([409, 'QUE_4090']);
  });
});

describe('a room that was deleted', () => {
  it('is no more, and nothing of it counts in the next one of the same event', async () => {
    const eventId = await newRoom();
    const member = await newMember(authority);
    placeOf(await one.enter(eventId, await newMember(authority)));
    placeOf(await one.enter(eventId, member));
    await openRoom(eventId);
    await one.call(eventId, 2);
    const { admission } = placeOf(await one.enter(eventId, member));
    const claim = { eventId, memberId: member.id, token: admission?.token ?? '' };
    expect(await one.grants.isOn(eventId)).toBe(true);
    await one.remove(eventId);
    expect(await one.grants.isOn(eventId)).toBe(false);
    expect(codeOf(await one.status(eventId, member))).toEqual([404, 'QUE_4040']);
    expect(codeOf(await other.enter(eventId, member))).toEqual([404, 'QUE_4040']);

    await one.put(eventId);
    await expect(one.grants.verify(claim)).rejects.toMatchObject({ code: 'QUE_4030' });
    expect(codeOf(await one.status(eventId, member))).toEqual([404, 'QUE_4041']);
    // The other process still has the picture of the room before.
    expect(placeOf(await other.enter(eventId, member))).toMatchObject({
      ...{ state: 'PRE_QUEUE', place: 'WAITING', receipt: 1, number: null },
    });
  });
});
