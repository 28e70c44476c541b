import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, LineSchema } from './atoms.ts';
import { PersonNameSchema, PhoneSchema } from './member.ts';

/** Where a member's orders go, in the Korean form: a postcode stands for a street, `detail` for the door in it. */

export const MAX_ADDRESSES = 20;

const fields = {
  label: LineSchema(30, '집'),
  recipient: PersonNameSchema,
  phone: PhoneSchema,
  postcode: Type.String({ pattern: '^\\d{5}$', examples: ['06236'] }),
  roadAddress: LineSchema(200, '서울특별시 강남구 테헤란로 152'),
  detail: Type.String({ maxLength: 100, pattern: '^\\P{Cc}*$', examples: ['101동 1203호'] }),
};

const strict = { additionalProperties: false };

export const AddressSchema = Type.Object({
  id: IdSchema,
  ...fields,
  isDefault: Type.Boolean(),
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
});
export type Address = Static<typeof AddressSchema>;

/** `GET /api/members/me/addresses`: the default one first, then the latest. */
export const AddressListSchema = Type.Object({ data: Type.Array(AddressSchema) });

/** `POST /api/members/me/addresses`: the first one is the default whatever it says. */
export const NewAddressSchema = Type.Object(
  { ...fields, detail: Type.Optional(fields.detail), isDefault: Type.Optional(Type.Boolean()) },
  strict,
);
export type NewAddress = Static<typeof NewAddressSchema>;

/** `PATCH /api/members/me/addresses/:id`: what is not named stays. */
export const AddressChangesSchema = Type.Partial(NewAddressSchema, { ...strict, minProperties: 1 });
export type AddressChanges = Static<typeof AddressChangesSchema>;
