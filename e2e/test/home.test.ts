import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '@doa-market/scripts/paths';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './setup/browser.ts';
import { stack } from './setup/shared.ts';

const SCREENS = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};
const SHOTS = path.join(ROOT, 'test-results');

let browser: Browser;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

/** Brings every picture into view, so that each has a reason to load, and waits until it is decoded. */
async function seeWholePage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const image of document.images) {
      image.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      await new Promise((resolve) => requestAnimationFrame(resolve));
      // One that cannot be decoded is found by the test that looks for it.
      await image.decode().catch(() => undefined);
    }
    window.scrollTo({ top: 0, behavior: 'instant' });
  });
  await page.waitForLoadState('networkidle');
}

describe.each(Object.entries(SCREENS))('the home page on a %s', (name, viewport) => {
  const errors: string[] = [];
  const foreign: string[] = [];
  let page: Page;

  beforeAll(async () => {
    const origin = stack().urls.PROXY_SERVER_URL;
    page = await browser.newPage({ viewport, locale: 'ko-KR' });
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('requestfailed', (request) => {
      // A page that is left, or an image that a better one replaces, cancels what it no longer needs.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') errors.push(`${request.url()} failed`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^https?:$/.test(url.protocol) && url.origin !== origin) foreign.push(url.href);
    });
    const response = await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
    expect(response?.status()).toBe(200);
    await seeWholePage(page);
    await page.screenshot({ path: path.join(SHOTS, `home-${name}.png`), fullPage: true });
  });

  afterAll(() => page?.close());

  it('shows at least twelve products, each with a picture that was decoded', async () => {
    const cards = page.locator('article').filter({ has: page.locator('a[href*="/products/"]') });
    const products = await cards.evaluateAll((articles) =>
      articles.map((article) => {
        const image = article.querySelector('img');
        return {
          slug: article.querySelector<HTMLAnchorElement>('a[href*="/products/"]')?.pathname,
          decoded: (image?.complete ?? false) && (image?.naturalWidth ?? 0) > 0,
          visible: article.checkVisibility(),
        };
      }),
    );
    const shown = products.filter(({ decoded, visible }) => decoded && visible);
    expect(new Set(shown.map(({ slug }) => slug)).size).toBeGreaterThanOrEqual(12);
    expect(products.filter(({ decoded }) => !decoded)).toEqual([]);
  });

  it('fits the screen', async () => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('asks no other host for anything', () => {
    expect(foreign).toEqual([]);
  });

  it('logs no error', () => {
    expect(errors).toEqual([]);
  });
});
