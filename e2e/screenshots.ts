import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '@doa-market/scripts/paths';
import sharp from 'sharp';
import { launchBrowser } from './test/setup/browser.ts';

/** Renews the pictures of README from the running storefront. */

const STOREFRONT = process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000';
const FOLDER = path.join(ROOT, 'docs', 'screenshots');
const SCREENS = [
  { name: 'home-desktop', viewport: { width: 1440, height: 1180 }, colorScheme: 'light' },
  { name: 'home-phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: 'home-phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

mkdirSync(FOLDER, { recursive: true });
const browser = await launchBrowser();
try {
  for (const { name, viewport, colorScheme } of SCREENS) {
    const page = await browser.newPage({ viewport, colorScheme, locale: 'ko-KR', deviceScaleFactor: 2 });
    await page.goto(STOREFRONT, { waitUntil: 'networkidle' });
    const file = path.join(FOLDER, `${name}.webp`);
    await sharp(await page.screenshot())
      .resize({ width: Math.min(viewport.width, 1_200) })
      .webp({ quality: 84 })
      .toFile(file);
    await page.close();
    console.log(path.relative(ROOT, file));
  }
} finally {
  await browser.close();
}
