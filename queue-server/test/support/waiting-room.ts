import { randomUUID } from 'node:crypto';
import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import type { QueueSettings } from '@doa-market/common/contracts';
import { createLogger, type Logger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { type AnyRedis, connectRedis, createAnyRedis } from '@doa-market/common/redis';
import { createApp } from '@doa-market/common/server';
import type { Authority } from '@doa-market/common/testing';
import { keysOf, ROOMS } from '../../src/waiting-room/keys.ts';
import { queueRoutes, roomRoutes } from '../../src/waiting-room/routes.ts';
import { statsRoutes } from '../../src/waiting-room/stats-routes.ts';
import { createWaitingRoom } from '../../src/waiting-room/waiting-room.ts';

const NAME = 'queue-server';
const silent = createLogger({ name: NAME, level: 'silent' });

/** A member with a token of their own. */
export interface Member {
  id: string;
  token: string;
}

interface ProcessOptions {
  logger?: Logger;
  elapsed?: () => number;
  /** Milliseconds that a command of Redis may take. */
  timeout?: number;
}

/** Rooms that an earlier test has left would be led as well. */
export async function forgetRooms(url: string): Promise<void> {
  const redis = createAnyRedis(url, { name: 'test', logger: silent });
  await connectRedis(redis);
  await redis.del(ROOMS);
  redis.disconnect();
}

/**
 * One process of the server as far as the waiting room goes, without its socket and without what it does by itself: the
 * picture is renewed, and members are called, when a test says so.
 */
export async function openProcess(
  url: string,
  authority: Authority,
  { logger = silent, elapsed, timeout }: ProcessOptions = {},
) {
  const redis = createAnyRedis(url, { name: NAME, logger, ...(timeout && { timeout }) });
  await connectRedis(redis);
  const config = { AUTH_SERVICE_URL: authority.url, JWT_ISSUER: authority.issuer, REQUEST_TIMEOUT: 1_000 };
  const { verifyToken } = trustAuthServer(config, [USER_AUDIENCE, NAME], { redis, logger });
  const metrics = createMetrics(NAME);
  const app = await createApp({
    ...{ name: NAME, description: 'A waiting room.', logger, metrics, verifyToken, dependencies: [] },
  });
  const inventory = { availability: () => Promise.reject(new Error('not asked before it leads')) };
  const room = createWaitingRoom({ redis, inventory, logger, metrics, ...(elapsed && { elapsed }) });
  await app.register(queueRoutes, { prefix: '/api', queue: room.queue });
  await app.register(roomRoutes, { prefix: '/api', rooms: room.rooms });
  await app.register(statsRoutes, { prefix: '/api', pictures: room.pictures });
  await app.ready();

  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, token: string, payload?: object) =>
    app.inject({
      ...{ method, url: `/api/queue/${path}`, headers: { authorization: `Bearer ${token}` } },
      ...(payload && { payload }),
    });
  const operator = await authority.token('ADMIN');

  return {
    ...room,
    app,
    redis,
    ask,
    operator,
    enter: (eventId: string, { token }: Member) => ask('POST', `${eventId}/enter`, token),
    status: (eventId: string, { token }: Member) => ask('GET', `${eventId}/status`, token),
    leave: (eventId: string, { token }: Member) => ask('POST', `${eventId}/leave`, token),
    /** What an operator does. */
    put: (eventId: string, settings: QueueSettings = {}) => ask('PUT', eventId, operator, settings),
    remove: (eventId: string) => ask('DELETE', eventId, operator),
    tell: (eventId: string, what: 'open' | 'pause' | 'resume') => ask('POST', `${eventId}/${what}`, operator),
    /** Lets in everybody up to a number, as a leader does. */
    async call(eventId: string, number: number) {
      await redis.hset(keysOf(eventId).room, 'cursor', number);
      await room.pictures.refresh(eventId);
    },
    async close() {
      await app.close();
      redis.disconnect();
    },
  };
}
export type Process = Awaited<ReturnType<typeof openProcess>>;

export const newMember = async (authority: Authority, role = 'MEMBER'): Promise<Member> => {
  const id = randomUUID();
  return { id, token: await authority.token(role, id) };
};

export const newMembers = (authority: Authority, count: number): Promise<Member[]> =>
  Promise.all(Array.from({ length: count }, () => newMember(authority)));

/** Ends the time of a member's grant. */
export const expireGrant = (redis: AnyRedis, eventId: string, member: Member) =>
  redis.del(keysOf(eventId).grant(member.id));
