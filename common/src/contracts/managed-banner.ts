import { type Static, Type } from 'typebox';
import { ColorSchema, IdSchema, LineSchema, SlugSchema } from './atoms.ts';
import { BannerSchema, ImageSchema } from './catalogue.ts';

/** Banners as administrators see and change them. */

export const MAX_BANNERS = 50;

const strict = { additionalProperties: false };
const text = (maxLength: number) => Type.String({ maxLength, pattern: '^\\P{Cc}*$' });

/** `POST /api/v1/banners`: it comes last. */
export const NewBannerSchema = Type.Object(
  {
    slug: SlugSchema,
    title: LineSchema(60, '집으로 돌아오는 계절'),
    subtitle: text(120),
    label: text(30),
    // Browsers drop tabs and line ends from an address: without them it would be another one.
    href: Type.String({
      pattern: '^/(?!/)[^\\\\\\s\\p{Cc}]*$',
      maxLength: 300,
      examples: ['/products/mood-table-lamp'],
    }),
    image: ImageSchema.properties.url,
    alt: text(200),
    theme: Type.Object({ background: ColorSchema, foreground: ColorSchema }, strict),
    active: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type NewBanner = Static<typeof NewBannerSchema>;

/** `PATCH /api/v1/banners/:id`: what is not named stays. */
export const BannerChangesSchema = Type.Partial(NewBannerSchema, { ...strict, minProperties: 1 });
export type BannerChanges = Static<typeof BannerChangesSchema>;

export const ManagedBannerSchema = Type.Interface([BannerSchema], {
  slug: SlugSchema,
  active: Type.Boolean(),
  position: Type.Integer({ minimum: 0 }),
  version: Type.Integer({ minimum: 1, description: 'the ETag that a change has to name' }),
});
export type ManagedBanner = Static<typeof ManagedBannerSchema>;
export const ManagedBannerListSchema = Type.Object({ data: Type.Array(ManagedBannerSchema) });

/** `PUT /api/v1/banner-order`: all banners in their new order, shown or not. */
export const BannerOrderSchema = Type.Object(
  { ids: Type.Array(IdSchema, { maxItems: MAX_BANNERS, uniqueItems: true }) },
  strict,
);
export type BannerOrder = Static<typeof BannerOrderSchema>;
