import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css';
import '../styles/fonts/core.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';

const DESCRIPTION =
  '매일 손이 가는 물건을 고르는 곳. 패션, 뷰티, 식품, 리빙, 디지털까지 DOA Market에서 만나 보세요.';

export const metadata: Metadata = {
  metadataBase: new URL(process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000'),
  title: { default: 'DOA Market', template: '%s | DOA Market' },
  description: DESCRIPTION,
  applicationName: 'DOA Market',
  icons: { icon: { url: '/icon.svg', type: 'image/svg+xml' } },
  formatDetection: { telephone: false, email: false, address: false },
  openGraph: { type: 'website', siteName: 'DOA Market', locale: 'ko_KR', description: DESCRIPTION },
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf7' },
    { media: '(prefers-color-scheme: dark)', color: '#151412' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="ko">
      <body>{children}</body>
    </html>
  );
}
