import '../styles/fonts/core.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { RareGlyphs } from '../components/frame/rare-glyphs';
import { SITE_DESCRIPTION, SITE_NAME } from './page-metadata';

export const metadata: Metadata = {
  metadataBase: new URL(process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000'),
  title: { default: SITE_NAME, template: `%s | ${SITE_NAME}` },
  description: SITE_DESCRIPTION,
  applicationName: SITE_NAME,
  icons: { icon: { url: '/icon.svg', type: 'image/svg+xml' } },
  formatDetection: { telephone: false, email: false, address: false },
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
      <body>
        {children}
        <RareGlyphs />
      </body>
    </html>
  );
}
