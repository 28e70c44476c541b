import { createHash } from 'node:crypto';
import {
  EventDetailSchema,
  EventListSchema,
  SeatMapSchema,
  SeatStatusesSchema,
} from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import { type App, ifNoneMatch } from '@doa-market/common/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import type { EventRepository } from './repository.ts';
import { EventParamsSchema, EventQuerySchema } from './schemas.ts';
import type { SeatMaps } from './seat-map.ts';

/** Thousands look at one map while it sells: caches answer all but one of them in a second. */
const PUBLIC_SEATS = 'public, max-age=1';

const tags = ['events'];
const config = { access: 'public' } as const;
const UNCHANGED = Type.Null({ description: 'what If-None-Match names is still true' });
const headers = Type.Object({
  'if-none-match': Type.Optional(Type.String({ maxLength: 1_000, description: 'the ETag that was read' })),
});

interface EventRoutesOptions {
  events: EventRepository;
  seatMaps: SeatMaps;
  /** Not documented: the gateway publishes the same routes without a version. */
  hide?: boolean;
}

export async function eventRoutes(app: App, { events, seatMaps, hide = false }: EventRoutesOptions) {
  app.get(
    '/events',
    {
      config,
      schema: {
        hide,
        operationId: 'listEvents',
        summary: 'A page of the events to come, the next one first',
        tags,
        querystring: EventQuerySchema,
        response: { 200: EventListSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return events.paginate(request.query);
    },
  );

  app.get(
    '/events/:idOrSlug',
    {
      config,
      schema: {
        hide,
        operationId: 'getEvent',
        summary: 'An event, when its seats are sold, and what they cost',
        tags,
        params: EventParamsSchema,
        response: { 200: EventDetailSchema, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const event = await events.findByIdOrSlug(request.params.idOrSlug);
      if (!event) throw notFound('The event');
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return event;
    },
  );

  app.get(
    '/events/:idOrSlug/seats',
    {
      config,
      schema: {
        hide,
        operationId: 'getSeatMap',
        summary: 'All seats of an event: where they are, what they cost, and which can be had',
        tags,
        params: EventParamsSchema,
        headers,
        response: { 200: SeatMapSchema, 304: UNCHANGED, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const map = await seatMaps.map(request.params.idOrSlug);
      if (!map) throw notFound('The event');
      if (isUnchanged(request, reply, JSON.stringify(map.grades) + map.statuses))
        return reply.status(304).send(null);
      return map;
    },
  );

  app.get(
    '/events/:idOrSlug/seats/statuses',
    {
      config,
      schema: {
        hide,
        operationId: 'getSeatStatuses',
        summary: 'Which seats of an event can be had: the part of its map that changes',
        tags,
        params: EventParamsSchema,
        headers,
        response: { 200: SeatStatusesSchema, 304: UNCHANGED, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const statuses = await seatMaps.statuses(request.params.idOrSlug);
      if (!statuses) throw notFound('The event');
      if (isUnchanged(request, reply, statuses.statuses)) return reply.status(304).send(null);
      return statuses;
    },
  );
}

/** @param state all that can change of the answer */
function isUnchanged(request: FastifyRequest, reply: FastifyReply, state: string): boolean {
  const etag = `"${createHash('sha256').update(state).digest('base64url').slice(0, 22)}"`;
  reply.headers({ 'Cache-Control': PUBLIC_SEATS, ETag: etag });
  return ifNoneMatch(request.headers['if-none-match'], etag);
}
