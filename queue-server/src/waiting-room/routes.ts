import {
  IdSchema,
  QueuePlaceSchema,
  QueueRoomSchema,
  QueueSettingsSchema,
  QueueStatsSchema,
} from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { type App, callerId } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { Rooms } from './rooms.ts';
import type { QueueService } from './service.ts';

/** Everybody looks at a room before they enter: caches answer all but one of them in a second. */
const PUBLIC_ROOM = 'public, s-maxage=1';

const tags = ['queue'];
const security = [{ bearer: [] }];
export const EventParamsSchema = Type.Object({ eventId: IdSchema });
const params = EventParamsSchema;
const LEFT = Type.Null({ description: 'there is no place any more' });
const REMOVED = Type.Null({ description: 'there is no waiting room any more' });

/** A place has one shape, written by hand in presentation.ts: the fastest way to text is the engine's own. */
const serializerCompiler = () => JSON.stringify;

/** What members do. */
export async function queueRoutes(app: App, { queue }: { queue: QueueService }) {
  app.get(
    '/queue/:eventId',
    {
      config: { access: POLICY.getQueueRoom, quiet: true, sheddable: true },
      schema: {
        operationId: 'getQueueRoom',
        summary: 'The waiting room of an event, and the draw from which every number follows',
        tags,
        security,
        params,
        response: {
          200: QueueRoomSchema,
          ...problems(401, 403, 422, 503),
          ...problemCodes({ 404: ['QUE_4040'] }),
        },
      },
    },
    async (request, reply) => {
      const room = await queue.describe(request.params.eventId);
      reply.header('Cache-Control', PUBLIC_ROOM);
      return room;
    },
  );

  app.post(
    '/queue/:eventId/enter',
    {
      config: { access: POLICY.enterQueue, quiet: true, sheddable: true },
      serializerCompiler,
      schema: {
        operationId: 'enterQueue',
        summary:
          "The caller's place: the one that it has, from whatever device it came, or a new one at the back",
        tags,
        security,
        params,
        response: {
          200: QueuePlaceSchema,
          ...problems(401, 403, 422),
          ...problemCodes({
            404: ['QUE_4040'],
            409: ['QUE_4090'],
            410: ['QUE_4100'],
            503: ['QUE_5030', 'SYS_5003'],
          }),
        },
      },
    },
    async (request) => queue.enter(request.params.eventId, callerId(request)),
  );

  app.get(
    '/queue/:eventId/status',
    {
      config: { access: POLICY.getQueuePlace, quiet: true, sheddable: true },
      serializerCompiler,
      schema: {
        operationId: 'getQueuePlace',
        summary: "The caller's place, and the token that may reserve seats once its turn has come",
        tags,
        security,
        params,
        response: {
          200: QueuePlaceSchema,
          ...problems(401, 403, 422, 503),
          ...problemCodes({ 404: ['QUE_4040', 'QUE_4041'], 409: ['QUE_4090'], 429: ['QUE_4290'] }),
        },
      },
    },
    (request) => queue.status(request.params.eventId, callerId(request)),
  );
  app.addFastPath({
    url: `${app.prefix}/queue/:eventId/status`,
    access: POLICY.getQueuePlace,
    answer(eventId, memberId) {
      const place = queue.statusAtOnce(eventId, memberId);
      return place && JSON.stringify(place);
    },
  });

  app.post(
    '/queue/:eventId/leave',
    {
      config: { access: POLICY.leaveQueue },
      schema: {
        operationId: 'leaveQueue',
        summary: 'Gives up the place of the caller, and its turn',
        tags,
        security,
        params,
        response: { 204: LEFT, ...problems(401, 403, 422, 503) },
      },
    },
    async (request, reply) => {
      await queue.leave(request.params.eventId, callerId(request));
      return reply.status(204).send(null);
    },
  );
}

/** What operators do; what they look at is in stats-routes.ts. */
export async function roomRoutes(app: App, { rooms }: { rooms: Rooms }) {
  app.put(
    '/queue/:eventId',
    {
      config: { access: POLICY.putQueueRoom },
      schema: {
        operationId: 'putQueueRoom',
        summary: 'Makes a waiting room for an event, or changes the settings of the one it has at once',
        tags,
        security,
        params,
        body: QueueSettingsSchema,
        response: { 200: QueueStatsSchema, ...problems(400, 401, 403, 413, 415, 422, 503) },
      },
    },
    (request) => rooms.put(request.params.eventId, request.body),
  );

  app.delete(
    '/queue/:eventId',
    {
      config: { access: POLICY.removeQueueRoom },
      schema: {
        operationId: 'removeQueueRoom',
        summary: 'The event has no waiting room any more: its seats can be had without one',
        tags,
        security,
        params,
        response: { 204: REMOVED, ...problems(401, 403, 422, 503) },
      },
    },
    async (request, reply) => {
      await rooms.remove(request.params.eventId);
      return reply.status(204).send(null);
    },
  );

  const changes = [
    ['open', 'openQueue', 'Draws the numbers and lets members in; a second time changes nothing'],
    ['pause', 'pauseQueue', 'Lets nobody in until it goes on'],
    ['resume', 'resumeQueue', 'Goes on after a pause'],
  ] as const;
  for (const [verb, operationId, summary] of changes) {
    app.post(
      `/queue/:eventId/${verb}`,
      {
        config: { access: POLICY[operationId] },
        schema: {
          operationId,
          summary,
          tags,
          security,
          params,
          response: {
            200: QueueStatsSchema,
            ...problems(401, 403, 422, 503),
            ...problemCodes({ 404: ['QUE_4040'] }),
          },
        },
      },
      (request) => rooms[verb](request.params.eventId),
    );
  }
}
