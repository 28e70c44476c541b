import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { QueueStatsSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import { EventParamsSchema } from './routes.ts';
import type { Pictures } from './types.ts';

/** Milliseconds between two messages. */
const BEAT = 1_000;

/** A stream is sent as it is. */
const MESSAGES = Type.Unsafe<Readable>(Type.String());

const tags = ['queue'];
const security = [{ bearer: [] }];
const refusals = { ...problems(401, 403, 422, 503), ...problemCodes({ 404: ['QUE_4040'] }) };

/** What operators look at. */
export async function statsRoutes(app: App, { pictures }: { pictures: Pictures }) {
  const closing = new AbortController();
  // Before connections are waited for: these would never end by themselves.
  app.addHook('preClose', async () => closing.abort());

  /** Until the room, this server or the reader is no more. */
  async function* messages(eventId: string): AsyncGenerator<string> {
    while (!closing.signal.aborted) {
      const stats = await pictures.stats(eventId).catch(() => undefined);
      if (!stats) return;
      yield `data: ${JSON.stringify(stats)}\n\n`;
      await delay(BEAT, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  app.get(
    '/queue/:eventId/stats',
    {
      config: { access: POLICY.getQueueStats },
      schema: {
        operationId: 'getQueueStats',
        summary: 'What a waiting room is like now: settings, counts, measured rate and who leads',
        tags,
        security,
        params: EventParamsSchema,
        response: { 200: QueueStatsSchema, ...refusals },
      },
    },
    (request) => pictures.stats(request.params.eventId),
  );

  app.get(
    '/queue/:eventId/live',
    {
      config: { access: POLICY.watchQueueStats },
      schema: {
        operationId: 'watchQueueStats',
        summary: 'The same once a second, as server-sent events, until either side ends it',
        tags,
        security,
        params: EventParamsSchema,
        response: {
          200: {
            description: 'messages whose data is what the statistics are',
            content: { 'text/event-stream': { schema: MESSAGES } },
          },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params;
      await pictures.stats(eventId);
      reply.type('text/event-stream').header('Cache-Control', 'private, no-store');
      // Not to be gathered on the way (nginx).
      reply.header('X-Accel-Buffering', 'no');
      return reply.send(Readable.from(messages(eventId)));
    },
  );
}
