import { until } from '@doa-market/common/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './setup/browser.ts';
import { login, mailedToken, PASSWORD, register } from './setup/member.ts';
import { stack } from './setup/shared.ts';
import { type Visitor, visitor } from './setup/visitor.ts';

/** Nothing that a script could read, and nothing that a log would keep. */
const TOKEN = /eyJ|rt_/;

async function skuOf(who: Visitor, slug: string): Promise<string> {
  const response = await who.ask(`/api/products/${slug}`);
  const { product }: { product: { skus: { id: string; stock: number }[] } } = await response.json();
  const sku = product.skus.find(({ stock }) => stock > 10);
  if (!sku) throw new Error(`${slug} is not in stock`);
  return sku.id;
}

const addToCart = (who: Visitor, skuId: string, quantity: number) =>
  who.ask('/api/cart/items', { method: 'POST', body: { skuId, quantity } });

async function quantities(who: Visitor): Promise<Record<string, number>> {
  const response = await who.ask('/api/cart');
  expect(response.status).toBe(200);
  const { lines }: { lines: { skuId: string; quantity: number }[] } = await response.json();
  return Object.fromEntries(lines.map(({ skuId, quantity }) => [skuId, quantity]));
}

describe('a visitor who becomes a member', () => {
  const who = visitor();
  let email: string;
  let sku: string;

  it('reads the catalogue without a single cookie', async () => {
    expect((await who.ask('/')).status).toBe(200);
    sku = await skuOf(who, 'mechanical-keyboard');
    expect([...who.cookies.keys()]).toEqual([]);
  });

  it('has a cart as a guest', async () => {
    expect((await addToCart(who, sku, 2)).status).toBeLessThan(300);
    expect(await quantities(who)).toEqual({ [sku]: 2 });
    expect([...who.cookies.keys()].sort()).toEqual(['doa_at', 'doa_vid']);
  });

  it('registers, and is somebody once the address is proven', async () => {
    email = await register(who);
    const response = await login(who, email);
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(TOKEN);
    expect([...who.cookies.keys()].sort()).toEqual(['doa_at', 'doa_rt']);
    expect(await (await who.ask('/api/me')).json()).toMatchObject({ email, role: 'MEMBER' });
  });

  it('finds the guest\u2019s cart in their own', async () => {
    expect(await quantities(who)).toEqual({ [sku]: 2 });
  });

  it('sees the session, and this login among the events', async () => {
    const sessions = await (await who.ask('/api/auth/sessions')).json();
    expect(sessions.data).toMatchObject([{ current: true }]);
    const events = await (await who.ask('/api/auth/events')).json();
    expect(events.data.map(({ type }: { type: string }) => type)).toContain('LOGIN');
  });

  it('is nobody after a logout, and the old tokens are worth nothing', async () => {
    const before = visitor();
    for (const [name, value] of who.cookies) before.cookies.set(name, value);
    expect((await who.ask('/api/auth/logout', { method: 'POST' })).status).toBe(204);
    expect([...who.cookies.keys()]).toEqual([]);
    await until(async () => (await before.ask('/api/members/me')).status !== 200, 'the end of the session');
  });
});

describe('a member with two browsers', () => {
  const [home, phone] = [visitor(), visitor()];
  let email: string;

  beforeAll(async () => {
    email = await register(home);
    await login(home, email);
    await login(phone, email);
  });

  it('ends the other session with a new password, at once', async () => {
    const changed = await home.ask('/api/auth/password/change', {
      method: 'POST',
      body: { currentPassword: PASSWORD, newPassword: 'another walk by the sea' },
    });
    expect(changed.status).toBe(200);
    expect((await home.ask('/api/members/me')).status).toBe(200);
    const startedAt = Date.now();
    await until(
      async () => (await phone.ask('/api/members/me')).status !== 200,
      'the end of the other session',
    );
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect((await login(phone, email)).status).toBe(401);
  });

  it('comes back with a link when the password is forgotten', async () => {
    const forgot = await phone.ask('/api/auth/password/forgot', { method: 'POST', body: { email } });
    expect(forgot.status).toBe(202);
    const token = await mailedToken(email, '/auth/reset-password');
    const body = { token, newPassword: 'a third walk in the hills' };
    expect((await phone.ask('/api/auth/password/reset', { method: 'POST', body })).status).toBe(204);
    expect((await phone.ask('/api/auth/password/reset', { method: 'POST', body })).status).toBe(410);
    expect((await login(phone, email, 'a third walk in the hills')).status).toBe(200);
  });
});

describe('a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('keeps a session that no script can read, over pages and a restart', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${stack().urls.PROXY_SERVER_URL}/`);
    const signedIn = await page.evaluate(async () => {
      const body = JSON.stringify({ email: 'demo@doa.market', password: 'doa-market-demo' });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch('/api/auth/login', { method: 'POST', headers, body });
      return { status: response.status, text: await response.text(), cookies: document.cookie };
    });
    expect(signedIn).toMatchObject({ status: 200, cookies: '' });
    expect(signedIn.text).not.toMatch(TOKEN);

    const restarted = await browser.newContext({ storageState: await context.storageState() });
    const again = await restarted.newPage();
    await again.goto(`${stack().urls.PROXY_SERVER_URL}/categories`);
    const me = await again.evaluate(async () => (await fetch('/api/me')).json());
    expect(me).toMatchObject({ email: 'demo@doa.market', role: 'MEMBER' });
  });
});

describe('somebody else\u2019s page', () => {
  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all', { origin: '', 'sec-fetch-site': '' }],
    ['a cross-site fetch', { origin: '', 'sec-fetch-site': 'cross-site' }],
  ])('cannot sign a visitor in from %s', async (_, headers) => {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
    const response = await fetch(`${stack().urls.PROXY_SERVER_URL}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...given },
      body: JSON.stringify({ email: 'demo@doa.market', password: 'doa-market-demo' }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'AUTH_1008' });
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});
