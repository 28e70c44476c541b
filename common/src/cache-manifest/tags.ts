/** The words for what a page shows: in Next.js, at the proxies and in purges they are the same. */
export const tag = {
  home: 'home',
  /** The index of categories, with how many products each has. */
  categories: 'categories',
  /** The names of all categories and the ways to them, which every page has. */
  navigation: 'navigation',
  category: (slug: string) => `category:${slug}`,
  /** A product, wherever it is shown. */
  product: (slug: string) => `product:${slug}`,
  /** How many there are of a product: its own page alone says it. */
  stock: (slug: string) => `stock:${slug}`,
  events: 'events',
  event: (slug: string) => `event:${slug}`,
  /** Each product once, and no more than Next.js takes for one page (it drops those past 128). */
  products: (shown: readonly { slug: string }[]) =>
    [...new Set(shown.map(({ slug }) => tag.product(slug)))].slice(0, 100),
} as const;
