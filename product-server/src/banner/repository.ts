import type { Banner } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { readBanners, toBanner } from './managed.ts';

export function createBannerRepository(database: Database) {
  return {
    /** The banners that are shown now, in their order. */
    async listActive(): Promise<Banner[]> {
      return (await readBanners(database, { active: true })).map(toBanner);
    },
  };
}
export type BannerRepository = ReturnType<typeof createBannerRepository>;
