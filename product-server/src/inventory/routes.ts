import {
  AvailabilitySchema,
  HoldExtensionSchema,
  HoldSchema,
  IdSchema,
  NewHoldSchema,
  NewSeatHoldSchema,
} from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import type { EventRepository } from '../event/repository.ts';
import type { SeatHolds } from '../event/seat-holds.ts';
import { POLICY } from '../policy.ts';

const tags = ['internal'];
const security = [{ bearer: [] }];
const HoldParamsSchema = Type.Object({ id: IdSchema });

interface HoldRoutesOptions {
  holds: SeatHolds;
  events: EventRepository;
}

/** For queue-server alone: never routed by the gateway, and its service token is asked for all the same. */
export async function holdRoutes(app: App, { holds, events }: HoldRoutesOptions) {
  app.post(
    '/holds',
    {
      config: { access: POLICY.createHold },
      schema: {
        operationId: 'createHold',
        summary: 'Puts units of SKUs by: all of them, or none',
        description:
          'Repeated with the same owner and key it answers the same hold, whatever has become of it.',
        tags,
        security,
        body: NewHoldSchema,
        response: {
          201: HoldSchema,
          ...problemCodes({ 409: ['INV_4090'], 422: ['REQ_4220', 'IDEM_4220'] }),
          ...problems(401, 403, 503),
        },
      },
    },
    async (request, reply) => {
      const { items, ...claim } = request.body;
      const lines = items.map(({ skuId, quantity }) => ({ id: skuId, quantity }));
      return reply.status(201).send(await holds.hold({ ...claim, shelf: 'sku', lines }));
    },
  );

  app.post(
    '/events/:id/holds',
    {
      config: { access: POLICY.createSeatHold },
      schema: {
        operationId: 'createSeatHold',
        summary: 'Puts seats of an event by: all of them, or none',
        description:
          'Repeated with the same owner and key it answers the same hold, whatever has become of it.',
        tags,
        security,
        params: HoldParamsSchema,
        body: NewSeatHoldSchema,
        response: {
          201: HoldSchema,
          ...problemCodes({ 409: ['INV_4090', 'INV_4093'], 422: ['REQ_4220', 'IDEM_4220'] }),
          ...problems(401, 403, 404, 503),
        },
      },
    },
    async (request, reply) => reply.status(201).send(await holds.holdSeats(request.params.id, request.body)),
  );

  app.get(
    '/holds/:id',
    {
      config: { access: POLICY.getHold },
      schema: {
        operationId: 'getHold',
        summary: 'A hold, and what has become of it',
        tags,
        security,
        params: HoldParamsSchema,
        response: { 200: HoldSchema, ...problems(401, 403, 404, 422, 503) },
      },
    },
    (request) => holds.find(request.params.id),
  );

  app.post(
    '/holds/:id/extend',
    {
      config: { access: POLICY.extendHold },
      schema: {
        operationId: 'extendHold',
        summary: 'Keeps a hold for longer, or as long as it has; one that is sold stays as it is',
        tags,
        security,
        params: HoldParamsSchema,
        body: HoldExtensionSchema,
        response: {
          200: HoldSchema,
          ...problemCodes({ 409: ['INV_4091'] }),
          ...problems(401, 403, 404, 422, 503),
        },
      },
    },
    (request) => holds.extend(request.params.id, request.body.ttl),
  );

  app.post(
    '/holds/:id/confirm',
    {
      config: { access: POLICY.confirmHold },
      schema: {
        operationId: 'confirmHold',
        summary: 'Sells what is held; what had expired, if all of it is still there',
        tags,
        security,
        params: HoldParamsSchema,
        response: {
          200: HoldSchema,
          ...problemCodes({ 409: ['INV_4090', 'INV_4091'] }),
          ...problems(401, 403, 404, 422, 503),
        },
      },
    },
    (request) => holds.confirm(request.params.id),
  );

  app.post(
    '/holds/:id/release',
    {
      config: { access: POLICY.releaseHold },
      schema: {
        operationId: 'releaseHold',
        summary: 'Gives back what is held; what has expired is not to be had by it any more',
        tags,
        security,
        params: HoldParamsSchema,
        response: {
          200: HoldSchema,
          ...problemCodes({ 409: ['INV_4092'] }),
          ...problems(401, 403, 404, 422, 503),
        },
      },
    },
    (request) => holds.release(request.params.id),
  );

  app.post(
    '/holds/:id/return',
    {
      config: { access: POLICY.returnHold },
      schema: {
        operationId: 'returnHold',
        summary: 'Takes back what was sold, to be sold again; what was not sold is released instead',
        tags,
        security,
        params: HoldParamsSchema,
        response: {
          200: HoldSchema,
          ...problemCodes({ 409: ['INV_4091'] }),
          ...problems(401, 403, 404, 422, 503),
        },
      },
    },
    (request) => holds.giveBack(request.params.id),
  );

  app.get(
    '/events/:id/availability',
    {
      config: { access: POLICY.getAvailability },
      schema: {
        operationId: 'getAvailability',
        summary: 'How many seats of an event can be had, are held and are sold',
        tags,
        security,
        params: HoldParamsSchema,
        response: { 200: AvailabilitySchema, ...problems(401, 403, 404, 422, 503) },
      },
    },
    async (request) => {
      const availability = await events.findAvailability(request.params.id);
      if (!availability) throw notFound('The event');
      return availability;
    },
  );
}
