import type { Address } from '@doa-market/common/contracts';
import type { AddressModel } from '../generated/prisma/models.ts';
import type { PersonalData } from '../personal-data/index.ts';

/** An address as it is answered, and the version that its ETag is made of. */
export interface VersionedAddress {
  address: Address;
  version: number;
}

export function toVersioned(personalData: PersonalData, row: AddressModel): VersionedAddress {
  const { id, label, recipient, phone, roadAddress, detail } = row;
  const { postcode, isDefault, version } = row;
  const personal = personalData.open('addresses', id, { label, recipient, phone, roadAddress, detail });
  return {
    address: {
      ...{ id, ...personal, postcode, isDefault },
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    },
    version,
  };
}
