import { randomUUID } from 'node:crypto';
import type { QueuePlace } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, newMember, openProcess, type Process } from './support/waiting-room.ts';

let authority: Authority;
let process: Process;
const lines: string[] = [];

beforeAll(async () => {
  authority = await startAuthority();
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: 'queue-server', level: 'trace' }, destination);
  process = await openProcess(redisUrl(), authority, { logger });
});
afterAll(async () => {
  await process.close();
  await authority.close();
});

/** A member who was let in, in a room of their own. */
async function admitted() {
  const eventId = randomUUID();
  const member = await newMember(authority);
  await process.put(eventId);
  await process.tell(eventId, 'open');
  expect((await process.enter(eventId, member)).statusCode).toBe(200);
  await process.call(eventId, 1);
  const { admission } = (await process.enter(eventId, member)).json<QueuePlace>();
  return { eventId, member, claim: { eventId, memberId: member.id, token: admission?.token ?? '' } };
}

const refusal = { status: 403, code: 'QUE_4030' };

describe('a queue token', () => {
  it('is good for its member and its event alone, and only as it was given', async () => {
    const [own, another] = [await admitted(), await admitted()];
    await expect(process.grants.verify(own.claim)).resolves.toMatchObject({ expiresAt: expect.any(Date) });
    const { token } = own.claim;
    const hostile = {
      "another member's": { ...another.claim, token },
      'of another event': { ...own.claim, eventId: another.eventId },
      'of an event without a waiting room': { ...own.claim, eventId: randomUUID() },
      'that lets pay': { ...own.claim, token: token.replace('qr_', 'qp_') },
      'that is shorter': { ...own.claim, token: token.slice(0, -1) },
      'that is longer': { ...own.claim, token: `${token}A` },
      'that is none': { ...own.claim, token: '' },
      'of other characters': { ...own.claim, token: 'qr_\u0000*[{}]\r\n' },
    };
    for (const [which, claim] of Object.entries(hostile)) {
      await expect(process.grants.verify(claim), which).rejects.toMatchObject(refusal);
    }
    // And none of that has cost the member anything.
    await expect(process.grants.verify(own.claim)).resolves.toBeDefined();
  });

  it('is worth nothing once its place was given up', async () => {
    const { eventId, member, claim } = await admitted();
    await process.leave(eventId, member);
    await expect(process.grants.verify(claim)).rejects.toMatchObject(refusal);
  });

  it('is in no line of the log, also where it was refused', async () => {
    const { claim } = await admitted();
    await process.grants.verify({ ...claim, memberId: randomUUID() }).catch(() => undefined);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes(claim.token))).toEqual([]);
  });
});

describe('the routes of a waiting room', () => {
  it('are for members, but for its description, which is for every visitor; operators rule it', async () => {
    const eventId = randomUUID();
    await process.put(eventId);
    const roles = ['GUEST', 'MEMBER', 'SELLER', 'ADMIN'];
    const answersOf = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string) => {
      const answers: number[] = [];
      for (const role of roles) {
        const token = await authority.token(role, randomUUID());
        answers.push((await process.ask(method, path, token)).statusCode);
      }
      return answers;
    };
    expect(await answersOf('GET', eventId)).toEqual([200, 200, 200, 200]);
    expect(await answersOf('POST', `${eventId}/enter`)).toEqual([403, 200, 200, 200]);
    expect(await answersOf('GET', `${eventId}/status`)).toEqual([403, 404, 404, 404]);
    expect(await answersOf('POST', `${eventId}/leave`)).toEqual([403, 204, 204, 204]);
    for (const verb of ['open', 'pause', 'resume']) {
      expect(await answersOf('POST', `${eventId}/${verb}`)).toEqual([403, 403, 403, 200]);
    }
    expect(await answersOf('PUT', eventId)).toEqual([403, 403, 403, 422]);
    expect(await answersOf('DELETE', eventId)).toEqual([403, 403, 403, 204]);
    expect((await process.ask('POST', `${eventId}/enter`, 'no.token.atall')).statusCode).toBe(401);
  });

  it('take ids of events and settings alone', async () => {
    const member = await newMember(authority);
    for (const id of ['x', '*', '%7Ba%7D', `${randomUUID()}%7D:room`, randomUUID().toUpperCase(), '%00']) {
      for (const answer of [await process.enter(id, member), await process.status(id, member)]) {
        expect(answer.statusCode, id).toBe(422);
      }
    }
    const settings = [{ rate: 0 }, { rate: '10' }, { capacity: 1.5 }, { graceSeconds: 1 }, { seed: 'a' }];
    for (const body of settings) {
      expect((await process.ask('PUT', randomUUID(), await authority.token('ADMIN'), body)).statusCode).toBe(
        422,
      );
    }
  });

  it('log whom they have refused, and why', async () => {
    const member: Member = await newMember(authority);
    const eventId = randomUUID();
    await process.status(eventId, member);
    const [line] = lines.filter((it) => it.includes(member.id)).map((it) => JSON.parse(it));
    expect(line).toMatchObject({ level: 'info', status: 404, code: 'QUE_4040', sub: member.id });
    expect(line).toMatchObject({ route: '/api/queue/:eventId/status', role: 'MEMBER' });
  });
});
