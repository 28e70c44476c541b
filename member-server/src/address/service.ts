import {
  type AddressChanges,
  AddressSchema,
  MAX_ADDRESSES,
  type NewAddress,
} from '@doa-market/common/contracts';
import { conflict, notFound, preconditionFailed } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import { trimmed } from '@doa-market/common/validation';
import { Type } from 'typebox';
import type { Database, Transaction } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { lockMember } from '../member/lock.ts';
import type { VersionedAddress } from './presentation.ts';
import type { AddressRepository } from './repository.ts';

interface Options {
  database: Database;
  addresses: AddressRepository;
  idempotency: Idempotency;
}

const VersionedAddressSchema = Type.Object({ address: AddressSchema, version: Type.Integer() });

/** Members' own addresses: of those that there are, exactly one is the default. */
export function createAddressService({ database, addresses, idempotency }: Options) {
  /** @throws {ProblemError} 404, also for another member's; 412 */
  async function current(
    memberId: string,
    id: string,
    versions: number[] | undefined,
    tx?: Transaction,
  ): Promise<VersionedAddress> {
    const found = await addresses.find(memberId, id, tx);
    if (!found) throw notFound('The address');
    if (versions && !versions.includes(found.version)) throw preconditionFailed();
    return found;
  }

  return {
    list: (memberId: string): Promise<VersionedAddress[]> => addresses.list(memberId),

    read: (memberId: string, id: string): Promise<VersionedAddress> => current(memberId, id, undefined),

    async create(memberId: string, facts: NewAddress, write?: NamedWrite): Promise<VersionedAddress> {
      const { result } = await idempotency.once(write, VersionedAddressSchema, async (tx) => {
        await lockMember(memberId, tx);
        const count = await addresses.count(memberId, tx);
        if (count >= MAX_ADDRESSES) throw conflict(`There are ${MAX_ADDRESSES} addresses at most.`);
        const isDefault = facts.isDefault === true || count === 0;
        if (isDefault) await addresses.clearDefault(memberId, tx);
        return addresses.create(memberId, { ...trimmed(facts), isDefault }, tx);
      });
      return result;
    },

    update(
      memberId: string,
      id: string,
      versions: number[] | undefined,
      changes: AddressChanges,
    ): Promise<VersionedAddress> {
      return database.$transaction(async (tx) => {
        await lockMember(memberId, tx);
        const { address } = await current(memberId, id, versions, tx);
        if (address.isDefault && changes.isDefault === false) {
          throw conflict('Another address has to become the default instead.');
        }
        if (!address.isDefault && changes.isDefault) await addresses.clearDefault(memberId, tx);
        return addresses.update(id, trimmed(changes), tx);
      });
    },

    async remove(memberId: string, id: string, versions: number[] | undefined): Promise<void> {
      await database.$transaction(async (tx) => {
        await lockMember(memberId, tx);
        const { address } = await current(memberId, id, versions, tx);
        await addresses.remove(id, tx);
        if (address.isDefault) await addresses.promoteLatest(memberId, tx);
      });
    },
  };
}
export type AddressService = ReturnType<typeof createAddressService>;
