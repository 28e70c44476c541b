import { IdSchema, SentEventListSchema } from '@doa-market/common/contracts';
import { isCatalogueEvent } from '@doa-market/common/events';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import type { Database } from '../database.ts';
import { POLICY } from '../policy.ts';

const LIMIT = 500;

/** A moment; the parts of a query are text, so the schema says what they must look like. */
const Moment = Type.String({ format: 'date-time', maxLength: 35, examples: ['2026-11-21T09:00:00.000Z'] });

/** For who keeps caches: what was on the stream, in case the stream has lost it. */
export async function outboxRoutes(app: App, { database }: { database: Database }) {
  app.get(
    '/sent-events',
    {
      config: { access: POLICY.listSentEvents },
      schema: {
        operationId: 'listSentEvents',
        summary: `Events put on the stream within a time, ${LIMIT} at most, in the order of their ids; kept for 15 minutes`,
        tags: ['events'],
        security: [{ bearer: [] }],
        querystring: Type.Object({
          from: Moment,
          until: Moment,
          after: Type.Optional({ ...IdSchema, description: 'what `next` said' }),
        }),
        response: { 200: SentEventListSchema, ...problems(401, 403, 422) },
      },
    },
    async (request) => {
      const { from, until, after } = request.query;
      const rows = await database.sentEvent.findMany({
        where: { sentAt: { gte: new Date(from), lt: new Date(until) }, ...(after && { id: { gt: after } }) },
        orderBy: { id: 'asc' },
        take: LIMIT,
      });
      const next = rows.length === LIMIT ? (rows.at(-1)?.id ?? null) : null;
      return { data: rows.map(({ event }) => event).filter(isCatalogueEvent), next };
    },
  );
}
