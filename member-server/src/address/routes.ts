import {
  AddressChangesSchema,
  AddressListSchema,
  AddressSchema,
  IdSchema,
  NewAddressSchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import {
  type App,
  callerId,
  etagOf,
  IdempotencyKeySchema,
  IfMatchSchema,
  ifMatch,
  namedWrite,
  requiredIfMatch,
} from '@doa-market/common/server';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { VersionedAddress } from './presentation.ts';
import type { AddressService } from './service.ts';

const tags = ['addresses'];
const security = [{ bearer: [] }];
const AddressParamsSchema = Type.Object({ id: IdSchema });

export async function addressRoutes(app: App, { addresses }: { addresses: AddressService }) {
  app.get(
    '/members/me/addresses',
    {
      config: { access: POLICY.listAddresses },
      schema: {
        operationId: 'listAddresses',
        summary: "The caller's addresses, the default one first",
        tags,
        security,
        response: { 200: AddressListSchema, ...problems(401, 403) },
      },
    },
    async (request) => {
      const list = await addresses.list(callerId(request));
      return { data: list.map(({ address }) => address) };
    },
  );

  app.post(
    '/members/me/addresses',
    {
      config: { access: POLICY.createAddress },
      schema: {
        operationId: 'createAddress',
        summary: 'Adds an address; the first one is the default',
        tags,
        security,
        headers: IdempotencyKeySchema,
        body: NewAddressSchema,
        response: { 201: AddressSchema, ...problems(400, 401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      const created = await addresses.create(callerId(request), request.body, namedWrite(request));
      reply.status(201).header('Location', `/api/members/me/addresses/${created.address.id}`);
      return answer(reply, created);
    },
  );

  app.get(
    '/members/me/addresses/:id',
    {
      config: { access: POLICY.getAddress },
      schema: {
        operationId: 'getAddress',
        summary: "One of the caller's addresses",
        tags,
        security,
        params: AddressParamsSchema,
        response: { 200: AddressSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request, reply) => answer(reply, await addresses.read(callerId(request), request.params.id)),
  );

  app.patch(
    '/members/me/addresses/:id',
    {
      config: { access: POLICY.updateAddress },
      schema: {
        operationId: 'updateAddress',
        summary: 'Changes an address, or makes it the default',
        tags,
        security,
        params: AddressParamsSchema,
        headers: IfMatchSchema,
        body: AddressChangesSchema,
        response: { 200: AddressSchema, ...problems(401, 403, 404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const versions = requiredIfMatch(request.headers['if-match']);
      const { id } = request.params;
      return answer(reply, await addresses.update(callerId(request), id, versions, request.body));
    },
  );

  app.delete(
    '/members/me/addresses/:id',
    {
      config: { access: POLICY.removeAddress },
      schema: {
        operationId: 'removeAddress',
        summary: 'Removes an address; of the default one the latest other takes the place',
        tags,
        security,
        params: AddressParamsSchema,
        headers: IfMatchSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 422) },
      },
    },
    async (request, reply) => {
      const versions = ifMatch(request.headers['if-match']);
      await addresses.remove(callerId(request), request.params.id, versions);
      return reply.status(204).send(null);
    },
  );
}

function answer(reply: FastifyReply, { address, version }: VersionedAddress) {
  reply.header('ETag', etagOf(version));
  return address;
}
