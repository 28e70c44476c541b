import { type Static, type TProperties, Type } from 'typebox';
import { DateTimeSchema, IdSchema, SlugSchema } from './atoms.ts';

/** What a service tells the others of: written with the change itself, delivered at least once, in no fixed order. */

/** The Redis stream that product-server's events are in; a field `event` with the JSON of one. */
export const CATALOGUE_STREAM = 'events:catalogue';

/** The envelope of an event; `payload` is what this kind of event has to say. */
export const DomainEventSchema = <Name extends string, Aggregate extends string, Payload extends TProperties>(
  eventType: Name,
  aggregateType: Aggregate,
  payload: Payload,
) =>
  Type.Object({
    eventId: IdSchema,
    eventType: Type.Literal(eventType),
    /** Of the aggregate after the change. A change of stock or rating does not raise it. */
    version: Type.Integer({ minimum: 1 }),
    occurredAt: DateTimeSchema,
    aggregateType: Type.Literal(aggregateType),
    aggregateId: IdSchema,
    /** The request that it began with, through all services. */
    correlationId: Type.String({ maxLength: 128 }),
    /** The event that this one follows from. */
    causationId: Type.Union([IdSchema, Type.Null()]),
    payload: Type.Object(payload),
  });

/** What of a product has changed: decides which lists it may have moved in. */
export const ProductAspectSchema = Type.Enum(['price', 'details', 'status', 'stock', 'images', 'rating']);
export type ProductAspect = Static<typeof ProductAspectSchema>;

export const ProductChangedSchema = DomainEventSchema('product.changed', 'product', {
  slug: SlugSchema,
  /** The address that it had until now. */
  previousSlug: Type.Optional(SlugSchema),
  /** Those it is in and, after a move, was in. */
  categorySlugs: Type.Array(SlugSchema),
  aspects: Type.Array(ProductAspectSchema, { minItems: 1 }),
});

export const CategoryChangedSchema = DomainEventSchema('category.changed', 'category', {
  slug: SlugSchema,
  previousSlug: Type.Optional(SlugSchema),
});

export const BannerChangedSchema = DomainEventSchema('banner.changed', 'banner', { slug: SlugSchema });

/** A ticketed event: its facts, or which of its seats can be had. */
export const ShowChangedSchema = DomainEventSchema('event.changed', 'event', {
  slug: SlugSchema,
  aspects: Type.Array(Type.Enum(['details', 'seats']), { minItems: 1 }),
});

export const CatalogueEventSchema = Type.Union([
  ProductChangedSchema,
  CategoryChangedSchema,
  BannerChangedSchema,
  ShowChangedSchema,
]);
export type CatalogueEvent = Static<typeof CatalogueEventSchema>;

/** What was put on the stream within a time, in the order of ids; `next` is the id to go on after, if there is more. */
export const SentEventListSchema = Type.Object({
  data: Type.Array(CatalogueEventSchema),
  next: Type.Union([IdSchema, Type.Null()]),
});
