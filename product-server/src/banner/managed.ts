import type { Banner, ManagedBanner } from '@doa-market/common/contracts';
import type { Transaction } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';

const include = { image: true } satisfies Prisma.BannerInclude;
export type BannerRow = Prisma.BannerGetPayload<{ include: typeof include }>;

/** Banners in their order: all, or those that are shown now. */
export const readBanners = (tx: Transaction, where: Prisma.BannerWhereInput = {}): Promise<BannerRow[]> =>
  tx.banner.findMany({ where, orderBy: [{ position: 'asc' }, { id: 'asc' }], include });

export function toBanner(row: BannerRow): Banner {
  const { id, title, subtitle, label, href, image, alt, background, foreground } = row;
  return { id, title, subtitle, label, href, image: toImage(image, alt), theme: { background, foreground } };
}

export function toManagedBanner(row: BannerRow): ManagedBanner {
  const { slug, active, position, version } = row;
  return { ...toBanner(row), slug, active, position, version };
}
