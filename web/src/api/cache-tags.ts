/** What a cached page can be invalidated by. */
export const tag = {
  home: 'home',
  categories: 'categories',
  category: (slug: string) => `category:${slug}`,
  product: (slug: string) => `product:${slug}`,
  /** Each product once, and no more than Next.js takes for one page (it drops those past 128). */
  products: (shown: { slug: string }[]) =>
    [...new Set(shown.map(({ slug }) => tag.product(slug)))].slice(0, 100),
} as const;
