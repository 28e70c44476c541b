'use client';

import { useEffect, useState } from 'react';
import { Price } from '../../components/price';
import type { PriceModel, ProductModel } from './models';
import { findSku, firstSelection, isAvailable, queryFromSelection, selectionFromQuery } from './selection';
import { StockLine } from './stock-line';

type OptionPickerProps = Pick<ProductModel, 'price' | 'options' | 'skus' | 'soldOut'>;

/** Price and stock of what is selected. The selection is in the address, so that it can be shared. */
export function OptionPicker({ price, options, skus, soldOut }: OptionPickerProps) {
  const [selection, setSelection] = useState(() => firstSelection(skus));

  useEffect(() => {
    const shared = selectionFromQuery(location.search, options, skus);
    if (shared) setSelection(shared);
  }, [options, skus]);

  const select = (index: number, value: string) => {
    const next = selection.with(index, value);
    setSelection(next);
    history.replaceState(history.state, '', queryFromSelection(location.search, options, next));
  };

  const sku = findSku(skus, selection);
  return (
    <>
      <div className="mt-5" aria-live="polite">
        <Price price={priceOf(price, sku?.price)} size="page" />
      </div>
      {options.map(({ name, values }, index) => (
        <fieldset key={name} className="mt-7">
          <legend className="text-[0.9375rem] font-semibold">
            {name} <span className="ml-1 font-normal text-muted">{selection[index]}</span>
          </legend>
          <div className="mt-3 flex flex-wrap gap-2">
            {values.map((value) => (
              <label key={value} className="option">
                <input
                  type="radio"
                  name={name}
                  value={value}
                  checked={selection[index] === value}
                  onChange={() => select(index, value)}
                />
                <span data-available={isAvailable(skus, selection, index, value)}>{value}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      <StockLine stock={soldOut ? 0 : (sku?.stock ?? 0)} />
    </>
  );
}

/** A SKU may cost more or less than its product; a discount is only said of the product's own price. */
function priceOf(price: PriceModel, skuPrice = price.amount): PriceModel {
  return skuPrice === price.amount ? price : { amount: skuPrice };
}
