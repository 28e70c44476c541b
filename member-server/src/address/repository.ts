import type { AddressChanges, NewAddress } from '@doa-market/common/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../database.ts';
import type { PersonalData } from '../personal-data/index.ts';
import { toVersioned, type VersionedAddress } from './presentation.ts';

/** Who has left or was suspended has no addresses any more, whatever token is still about. */
const ofActive = (memberId: string) => ({ memberId, member: { status: 'ACTIVE' } }) as const;

export function createAddressRepository(database: Database, personalData: PersonalData) {
  return {
    async list(memberId: string): Promise<VersionedAddress[]> {
      const orderBy = [{ isDefault: 'desc' as const }, { id: 'desc' as const }];
      const rows = await database.address.findMany({ where: ofActive(memberId), orderBy });
      return rows.map((row) => toVersioned(personalData, row));
    },

    async find(memberId: string, id: string, tx: Transaction = database): Promise<VersionedAddress | null> {
      const row = await tx.address.findFirst({ where: { id, ...ofActive(memberId) } });
      return row && toVersioned(personalData, row);
    },

    count: (memberId: string, tx: Transaction): Promise<number> => tx.address.count({ where: { memberId } }),

    async create(memberId: string, { postcode, isDefault = false, ...rest }: NewAddress, tx: Transaction) {
      const id = uuidv7();
      const personal = personalData.seal('addresses', id, { ...rest, detail: rest.detail ?? '' });
      const row = await tx.address.create({ data: { id, memberId, ...personal, postcode, isDefault } });
      return toVersioned(personalData, row);
    },

    async update(id: string, { postcode, isDefault, ...rest }: AddressChanges, tx: Transaction) {
      const row = await tx.address.update({
        where: { id },
        data: {
          ...personalData.seal('addresses', id, rest),
          ...(postcode !== undefined && { postcode }),
          ...(isDefault !== undefined && { isDefault }),
          version: { increment: 1 },
        },
      });
      return toVersioned(personalData, row);
    },

    remove: (id: string, tx: Transaction) => tx.address.delete({ where: { id } }),

    /** Leaves the member without a default: the caller makes another one. */
    async clearDefault(memberId: string, tx: Transaction): Promise<void> {
      await tx.address.updateMany({
        where: { memberId, isDefault: true },
        data: { isDefault: false, version: { increment: 1 } },
      });
    },

    /** The latest address becomes the default, if there is any. */
    async promoteLatest(memberId: string, tx: Transaction): Promise<void> {
      const latest = await tx.address.findFirst({ where: { memberId }, orderBy: { id: 'desc' } });
      if (!latest) return;
      const data = { isDefault: true, version: { increment: 1 } };
      await tx.address.update({ where: { id: latest.id }, data });
    },
  };
}
export type AddressRepository = ReturnType<typeof createAddressRepository>;
