/** A product that may be an answer, with all that ranking, filters and facets need of it. */
export interface Candidate {
  id: string;
  name: string;
  brand: string;
  categoryId: string;
  /** The values of each option by its name. */
  options: Readonly<Record<string, readonly string[]>>;
  /** KRW */
  price: number;
  rating: number | null;
  inStock: boolean;
  /** Units sold. */
  popularity: number;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** The same as the database gives it, in the order of the fields above. */
export type CandidateRow = [
  id: string,
  name: string,
  brand: string,
  categoryId: string,
  options: Candidate['options'],
  price: number,
  rating: number | null,
  inStock: boolean,
  popularity: number,
  createdAt: number,
];

export function toCandidate(row: CandidateRow): Candidate {
  const [id, name, brand, categoryId, options, price, rating, inStock, popularity, createdAt] = row;
  return { id, name, brand, categoryId, options, price, rating, inStock, popularity, createdAt };
}

export interface Ranked extends Candidate {
  score: number;
}
