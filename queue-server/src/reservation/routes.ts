import { NewReservationSchema, ReservationSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { RequiredKeySchema, requiredWrite } from '../order/write.ts';
import { POLICY } from '../policy.ts';
import type { Reservations } from './service.ts';

const HeadersSchema = Type.Interface([RequiredKeySchema], {
  'x-queue-token': Type.Optional(
    Type.String({ maxLength: 200, description: 'qr_...: needed while the event has a waiting room' }),
  ),
});

export async function reservationRoutes(app: App, { reservations }: { reservations: Reservations }) {
  app.post(
    '/reservations',
    {
      config: { access: POLICY.createReservation },
      schema: {
        operationId: 'createReservation',
        summary: 'Holds seats of an event for the caller, all of them or none, until they are paid for',
        description:
          'Repeated with the same key it answers the same reservation. What is refused costs no place in the waiting room.',
        tags: ['reservations'],
        security: [{ bearer: [] }],
        headers: HeadersSchema,
        body: NewReservationSchema,
        response: {
          201: ReservationSchema,
          ...problemCodes({
            400: ['IDEM_4000', 'REQ_4000'],
            403: ['AUTH_1003', 'QUE_4030'],
            409: ['INV_4090', 'INV_4091', 'INV_4093', 'ORD_4093'],
            422: ['REQ_4220', 'IDEM_4220'],
          }),
          ...problems(401, 404, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const reservation = await reservations.reserve(
        requiredWrite(request),
        request.body,
        request.headers['x-queue-token'],
      );
      return reply.status(201).header('Location', `/api/orders/${reservation.order.id}`).send(reservation);
    },
  );
}
