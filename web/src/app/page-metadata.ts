import type { Metadata } from 'next';

export const SITE_NAME = 'DOA Market';
export const SITE_DESCRIPTION =
  '매일 손이 가는 물건을 고르는 곳. 패션, 뷰티, 식품, 리빙, 디지털까지 DOA Market에서 만나 보세요.';

interface PageMetadata {
  /** None for the home page, which has the site's name alone. */
  title?: string;
  description: string;
  path: string;
  image?: { url: string; alt: string };
}

/** How a page presents itself to search engines and where it is shared. Open Graph is not inherited in parts. */
export function pageMetadata({ title, description, path, image }: PageMetadata): Metadata {
  return {
    ...(title && { title }),
    description,
    alternates: { canonical: path },
    openGraph: {
      type: 'website',
      siteName: SITE_NAME,
      locale: 'ko_KR',
      url: path,
      title: title ?? SITE_NAME,
      description,
      ...(image && { images: [image] }),
    },
  };
}
