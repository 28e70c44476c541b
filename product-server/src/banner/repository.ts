import type { Banner } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { toImage } from '../image/image.ts';

export function createBannerRepository(database: Database) {
  return {
    /** The banners that are shown now, in their order. */
    async listActive(): Promise<Banner[]> {
      const banners = await database.banner.findMany({
        where: { active: true },
        orderBy: { position: 'asc' },
        include: { image: true },
      });
      return banners.map(({ id, title, subtitle, label, href, image, alt, background, foreground }) => ({
        id,
        title,
        subtitle,
        label,
        href,
        image: toImage(image, alt),
        theme: { background, foreground },
      }));
    },
  };
}
export type BannerRepository = ReturnType<typeof createBannerRepository>;
