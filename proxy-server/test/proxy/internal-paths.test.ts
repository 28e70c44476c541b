import { expect, test } from 'vitest';
import { startShopProxy, startWeb } from '../cache/support/shop.ts';

test('what is for our own servers cannot be reached through the public port, however it is spelled', async () => {
  const web = await startWeb();
  const proxy = await startShopProxy(web);
  const paths = [
    '/internal',
    '/internal/revalidate',
    '/internal/revalidate?a=b',
    '/Internal/revalidate',
    '/%69nternal/revalidate',
    '/x/../internal/revalidate',
    '/internal.rsc',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST'] as const) {
      const headers = { Origin: 'http://shop.test', 'Sec-Fetch-Site': 'same-origin' };
      expect([path, method, (await proxy.ask(path, { method, headers })).status]).toEqual([
        path,
        method,
        404,
      ]);
    }
  }
  expect(web.requests).toEqual([]);
  expect((await proxy.ask('/internals')).status).toBe(200);
});
