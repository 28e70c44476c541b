import { type Static, Type } from 'typebox';
import { IdSchema, LineSchema, SlugSchema } from './atoms.ts';
import { ImageSchema } from './catalogue.ts';

/** The tree of categories as administrators see and change it. */

/** The shop's first row has room for so many. */
export const MAX_TOP_CATEGORIES = 8;
export const MAX_CATEGORY_DEPTH = 3;
/** Of one parent. */
export const MAX_SUBCATEGORIES = 50;

const strict = { additionalProperties: false };
const ParentSchema = Type.Union([IdSchema, Type.Null()], { description: 'null is the top' });

/** `POST /api/v1/categories`: it comes after its siblings. */
export const NewCategorySchema = Type.Object(
  {
    slug: SlugSchema,
    name: LineSchema(50, '리빙'),
    description: Type.String({ maxLength: 300, pattern: '^\\P{Cc}*$' }),
    image: ImageSchema.properties.url,
    parentId: Type.Optional(ParentSchema),
    active: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type NewCategory = Static<typeof NewCategorySchema>;

/** `PATCH /api/v1/categories/:id`: with another parent it takes all that is in it along. */
export const CategoryChangesSchema = Type.Partial(NewCategorySchema, { ...strict, minProperties: 1 });
export type CategoryChanges = Static<typeof CategoryChangesSchema>;

export const ManagedCategorySchema = Type.Object({
  id: IdSchema,
  slug: SlugSchema,
  name: Type.String(),
  description: Type.String(),
  image: ImageSchema,
  parentId: ParentSchema,
  depth: Type.Integer({ minimum: 1, maximum: MAX_CATEGORY_DEPTH }),
  position: Type.Integer({ minimum: 0 }),
  active: Type.Boolean({ description: 'one that is not active is not shown, nor what is below it' }),
  version: Type.Integer({ minimum: 1, description: 'the ETag that a change has to name' }),
});
export type ManagedCategory = Static<typeof ManagedCategorySchema>;
export const ManagedCategoryListSchema = Type.Object({ data: Type.Array(ManagedCategorySchema) });

/** `PUT /api/v1/category-order`: all children of one parent, in their new order. */
export const CategoryOrderSchema = Type.Object(
  { parentId: ParentSchema, ids: Type.Array(IdSchema, { maxItems: MAX_SUBCATEGORIES, uniqueItems: true }) },
  strict,
);
export type CategoryOrder = Static<typeof CategoryOrderSchema>;
