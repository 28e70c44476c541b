import { randomInt } from 'node:crypto';
import { MAX_SKUS, type ProductChanges, type SkuFacts } from '@doa-market/common/contracts';
import { conflict, type FieldError, invalidFields } from '@doa-market/common/errors';
import { hashIn } from '../image/reference.ts';
import { combinations, sameValues } from './combinations.ts';
import { isId } from './id.ts';
import type { ProductState, SkuState } from './state.ts';
import { assertTransition, isListed } from './status.ts';

/**
 * What a product becomes by `changes`: one SKU for each combination of its options' values. Those that there were keep
 * their id, code and stock; one that cost what the product cost goes along with its price.
 * @throws {ProblemError} 422 naming the field that does not fit, 409 for a status or a stock that cannot be
 */
export function merge(current: ProductState, changes: ProductChanges): ProductState {
  const { images, skus: named = [], ...facts } = changes;
  const next: ProductState = {
    ...current,
    ...facts,
    listPrice: changes.listPrice ?? Math.max(current.listPrice, changes.price ?? 0),
    pictures: images?.map(({ url, alt }) => ({ hash: hashIn(url), alt })) ?? current.pictures,
  };
  if (isId(next.slug)) throw invalid('slug', 'must not have the form of an id');
  assertPrices(next);
  assertOptions(next);
  if (current.status !== next.status) assertTransition(current.status, next.status);
  if (isListed(next.status) && next.pictures.length === 0) {
    throw invalid('images', 'must have a picture before the product is listed');
  }
  const skus = combinations(next.options.map(({ values }) => values)).map((values) =>
    mergeSku({
      current,
      price: next.price,
      values,
      facts: named.find((it) => sameValues(it.values, values)),
    }),
  );
  assertNamed(named, skus);
  return { ...next, skus };
}

interface SkuMerge {
  current: ProductState;
  price: number;
  values: string[];
  facts: SkuFacts | undefined;
}

function mergeSku({ current, price, values, facts }: SkuMerge): SkuState {
  const known = current.skus.find((it) => sameValues(it.values, values));
  const usual = known && known.price !== current.price ? known.price : price;
  const { onHand = known?.onHand ?? 0 } = facts ?? {};
  const held = known?.held ?? 0;
  if (onHand < held)
    throw conflict(`Orders have put ${held} units by of ${values.join(' · ') || 'the product'}.`);
  return {
    ...(known?.id !== undefined && { id: known.id }),
    code: facts?.code ?? known?.code ?? newCode(),
    ...{ values, price: facts?.price ?? usual, onHand, held },
  };
}

/** Without vowels, so that it says nothing. */
const ALPHABET = '0123456789BCDFGHJKLMNPQRSTVWXZ';
const newCode = (): string =>
  `SKU-${Array.from({ length: 12 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;

const invalid = (field: string, message: string) => invalidFields([{ field, message }]);

function assertPrices({ price, listPrice }: ProductState): void {
  if (price > listPrice) throw invalid('price', 'must not be above the list price');
  if (price === 0 && listPrice > 0) {
    throw invalid('price', 'must be something, where the list price is');
  }
}

function assertOptions({ options }: ProductState): void {
  const errors: FieldError[] = [];
  const names = options.map(({ name }) => name);
  if (new Set(names).size < names.length)
    errors.push({ field: 'options', message: 'must have different names' });
  options.forEach(({ values }, at) => {
    if (new Set(values).size < values.length) {
      errors.push({ field: `options.${at}.values`, message: 'must be different values' });
    }
  });
  const count = options.reduce((product, { values }) => product * values.length, 1);
  if (count > MAX_SKUS)
    errors.push({ field: 'options', message: `must not have over ${MAX_SKUS} combinations` });
  if (errors.length > 0) throw invalidFields(errors);
}

function assertNamed(named: readonly SkuFacts[], skus: readonly SkuState[]): void {
  named.forEach(({ values }, at) => {
    const field = `skus.${at}.values`;
    if (!skus.some((sku) => sameValues(sku.values, values))) {
      throw invalid(field, 'must be a combination of the values of the options');
    }
    if (named.findIndex((it) => sameValues(it.values, values)) !== at) throw invalid(field, 'is named twice');
  });
  const codes = skus.map(({ code }) => code);
  if (new Set(codes).size < codes.length) throw invalid('skus', 'must have different codes');
}
