import type { SearchSort } from '@doa-market/common/contracts';
import type { Ranked } from './candidate.ts';

/** Each order as figures that grow down the list; the id parts what is left equal, so that no page overlaps another. */
const FIGURES: Record<SearchSort, (it: Ranked) => number[]> = {
  relevance: ({ score, popularity }) => [-score, -popularity],
  popular: ({ popularity }) => [-popularity],
  new: ({ createdAt }) => [-createdAt],
  'price-asc': ({ price, popularity }) => [price, -popularity],
  'price-desc': ({ price, popularity }) => [-price, -popularity],
  rating: ({ rating, popularity }) => [-(rating ?? -1), -popularity],
};

/** A place in an order. */
export interface Place {
  sort: SearchSort;
  figures: readonly number[];
  id: string;
}

export const placeOf = (it: Ranked, sort: SearchSort): Place => ({
  sort,
  figures: FIGURES[sort](it),
  id: it.id,
});

function compare(a: Place, b: Place): number {
  for (const [index, figure] of a.figures.entries()) {
    const difference = figure - (b.figures[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export function inOrder(list: readonly Ranked[], sort: SearchSort): Ranked[] {
  return list
    .map((it) => ({ it, place: placeOf(it, sort) }))
    .sort((a, b) => compare(a.place, b.place))
    .map(({ it }) => it);
}

/** How many of an ordered list are at a place or before it. */
export function indexAfter(ordered: readonly Ranked[], place: Place): number {
  const index = ordered.findIndex((it) => compare(placeOf(it, place.sort), place) > 0);
  return index < 0 ? ordered.length : index;
}
