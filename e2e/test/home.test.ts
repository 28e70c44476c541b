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

/** Scrolls to the end and back, so that everything that loads late has a reason to load. */
async function seeWholePage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let y = 0; y < document.body.scrollHeight; y += window.innerHeight / 2) {
      window.scrollTo(0, y);
      await frame();
    }
    window.scrollTo(0, 0);
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
    const products = await page.locator('a[href*="/products/"]:has(img)').evaluateAll((links) =>
      links.map((link) => {
        const image = link.querySelector('img');
        return {
          slug: new URL((link as HTMLAnchorElement).href).pathname,
          decoded: (image?.complete ?? false) && (image?.naturalWidth ?? 0) > 0,
          visible: link.checkVisibility(),
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
