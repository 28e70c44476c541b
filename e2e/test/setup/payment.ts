import type { Browser } from 'playwright-core';
import { stack } from './shared.ts';

const SECRET = 'sandbox-payment-api-secret';

/** Asks the payment sandbox, as its operators do. */
export async function askSandbox<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${stack().urls.PAYMENT_API_URL}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `PortOne ${SECRET}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Pays without a browser. @returns what came of it */
export async function payAtSandbox(paymentId: string, card: string): Promise<string> {
  const { result } = await askSandbox<{ result: string }>(`/sandbox/payments/${paymentId}/pay`, { card });
  return result;
}

/** Pays on the page, as a buyer does. @returns where that led */
export async function payInBrowser(browser: Browser, checkoutUrl: string, number: string): Promise<URL> {
  const page = await browser.newPage();
  try {
    await page.goto(checkoutUrl);
    await page.getByLabel('테스트 카드 번호').fill(number);
    await page.getByRole('button', { name: '결제하기' }).click();
    await page.waitForURL(`${stack().urls.PROXY_SERVER_URL}/**`);
    return new URL(page.url());
  } finally {
    await page.close();
  }
}
