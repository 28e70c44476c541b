import plugin from 'fastify-plugin';
import type { Registry } from 'prom-client';
import { HealthSchema, ReadinessSchema } from '../contracts/index.ts';
import { type ReadinessProbe, readinessStatusCode } from '../lifecycle/index.ts';

const OPERATION = { config: { access: 'public', quiet: true } } as const;
const tags = ['operations'];

/** What operators and orchestrators ask: is the process up, can it serve, what has it counted. */
export const operations = plugin<{ readiness: ReadinessProbe; registry: Registry }>(
  async (app, { readiness, registry }) => {
    app.get(
      '/health',
      {
        ...OPERATION,
        schema: {
          operationId: 'getHealth',
          summary: 'Whether the process is up; knows no dependency',
          tags,
          response: { 200: HealthSchema },
        },
      },
      async () => ({ status: 'ok' as const }),
    );

    app.get(
      '/ready',
      {
        ...OPERATION,
        schema: {
          operationId: 'getReadiness',
          summary: 'Whether the server can serve, and which of its dependencies does not answer',
          tags,
          response: { 200: ReadinessSchema, 503: ReadinessSchema },
        },
      },
      async (_request, reply) => {
        const result = await readiness.probe();
        return reply.status(readinessStatusCode(result)).send(result);
      },
    );

    app.get('/metrics', { ...OPERATION, schema: { hide: true } }, async (_request, reply) => {
      reply.type(registry.contentType);
      return registry.metrics();
    });
  },
  { name: 'operations' },
);
