import {
  type BannerChanges,
  type BannerOrder,
  MAX_BANNERS,
  type ManagedBanner,
  ManagedBannerSchema,
  type NewBanner,
} from '@doa-market/common/contracts';
import { conflict, notFound, preconditionFailed } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import { trimmed } from '@doa-market/common/validation';
import { type Database, orConflict, type Transaction } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { assertUploaded, hashIn } from '../image/reference.ts';
import { recordEvents } from '../outbox/record.ts';
import { type BannerRow, readBanners, toManagedBanner } from './managed.ts';

const SLUG_TAKEN = 'Another banner has this slug.';

/** Banners as administrators write them. */
export function createBannerService({
  database,
  idempotency,
}: {
  database: Database;
  idempotency: Idempotency;
}) {
  /** One change at a time: their order is a fact about all of them. */
  async function lockAll(tx: Transaction): Promise<BannerRow[]> {
    await tx.$executeRaw`LOCK TABLE banners IN SHARE ROW EXCLUSIVE MODE`;
    return readBanners(tx);
  }

  /** @throws {ProblemError} 404, 412 */
  async function lockOne(id: string, versions: number[] | undefined, tx: Transaction): Promise<BannerRow> {
    const banner = (await lockAll(tx)).find((it) => it.id === id);
    if (!banner) throw notFound('The banner');
    if (versions && !versions.includes(banner.version)) throw preconditionFailed();
    return banner;
  }

  async function reload(id: string, tx: Transaction): Promise<BannerRow> {
    return tx.banner.findUniqueOrThrow({ where: { id }, include: { image: true } });
  }

  return {
    async list(): Promise<ManagedBanner[]> {
      return (await readBanners(database)).map(toManagedBanner);
    },

    async create(facts: NewBanner, write?: NamedWrite): Promise<ManagedBanner> {
      const { result } = await idempotency.once(write, ManagedBannerSchema, async (tx) => {
        const { image, theme, ...rest } = trimmed(facts);
        const others = await lockAll(tx);
        if (others.length >= MAX_BANNERS) throw conflict(`There are ${MAX_BANNERS} banners at most.`);
        await assertUploaded([{ hash: hashIn(image), field: 'image' }], tx);
        const position = Math.max(-1, ...others.map((it) => it.position)) + 1;
        const data = { ...rest, ...theme, imageHash: hashIn(image), position };
        const { id } = await orConflict(tx.banner.create({ data }), SLUG_TAKEN);
        const row = await reload(id, tx);
        await recordEvents(tx, [bannerChanged(row)]);
        return toManagedBanner(row);
      });
      return result;
    },

    update(id: string, versions: number[] | undefined, changes: BannerChanges): Promise<ManagedBanner> {
      return database.$transaction(async (tx) => {
        await lockOne(id, versions, tx);
        const { image, theme, ...rest } = trimmed(changes);
        if (image !== undefined) await assertUploaded([{ hash: hashIn(image), field: 'image' }], tx);
        const data = { ...rest, ...theme, ...(image !== undefined && { imageHash: hashIn(image) }) };
        const change = tx.banner.update({ where: { id }, data: { ...data, version: { increment: 1 } } });
        await orConflict(change, SLUG_TAKEN);
        const row = await reload(id, tx);
        await recordEvents(tx, [bannerChanged(row)]);
        return toManagedBanner(row);
      });
    },

    async remove(id: string, versions: number[] | undefined): Promise<void> {
      await database.$transaction(async (tx) => {
        const banner = await lockOne(id, versions, tx);
        await tx.banner.delete({ where: { id } });
        await recordEvents(tx, [bannerChanged({ ...banner, version: banner.version + 1 })]);
      });
    },

    /** @throws {ProblemError} 409 when the ids are not those of all banners as they are now */
    reorder({ ids }: BannerOrder): Promise<ManagedBanner[]> {
      return database.$transaction(async (tx) => {
        const banners = await lockAll(tx);
        if (banners.length !== ids.length || !banners.every(({ id }) => ids.includes(id))) {
          throw conflict('These are not all banners there are.');
        }
        const moved = banners.filter(({ id, position }) => ids.indexOf(id) !== position);
        for (const { id } of moved) {
          const data = { position: ids.indexOf(id), version: { increment: 1 } };
          await tx.banner.update({ where: { id }, data });
        }
        await recordEvents(
          tx,
          moved.map((row) => bannerChanged({ ...row, version: row.version + 1 })),
        );
        return (await readBanners(tx)).map(toManagedBanner);
      });
    },
  };
}
export type BannerService = ReturnType<typeof createBannerService>;

const bannerChanged = ({ id, slug, version }: BannerRow) => ({
  eventType: 'banner.changed' as const,
  aggregateType: 'banner' as const,
  aggregateId: id,
  version,
  payload: { slug },
});
