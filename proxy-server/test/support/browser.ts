import type { Proxy as ProxyServer, Reply } from './proxy.ts';

type Ask = NonNullable<Parameters<ProxyServer['ask']>[1]>;

export interface SetCookie {
  name: string;
  value: string;
  attributes: string[];
}

/** The cookies that an answer sets. */
export function cookiesSet({ headers }: Pick<Reply, 'headers'>): SetCookie[] {
  return [headers['set-cookie'] ?? []].flat().map((line) => {
    const [pair = '', ...attributes] = line.split('; ');
    const mark = pair.indexOf('=');
    return { name: pair.slice(0, mark), value: pair.slice(mark + 1), attributes };
  });
}

/** The names of those that it takes away. */
export const cookiesCleared = (reply: Pick<Reply, 'headers'>): string[] =>
  cookiesSet(reply)
    .filter(({ attributes }) => attributes.includes('Max-Age=0'))
    .map(({ name }) => name);

export const cookieHeader = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

/** As a browser sends what a script on one of our pages asks for. */
export const fromOurPage = (proxy: Pick<ProxyServer, 'url'>) => ({
  Origin: proxy.url,
  'Sec-Fetch-Site': 'same-origin',
});

/** A browser in front of the proxy: keeps the cookies it is given, and says where a request comes from. */
export function openBrowser(proxy: ProxyServer, initial: Record<string, string> = {}) {
  const cookies = new Map(Object.entries(initial));

  async function ask(path: string, { headers = {}, ...rest }: Ask = {}): Promise<Reply> {
    const reply = await proxy.ask(path, {
      ...rest,
      headers: {
        ...(cookies.size > 0 && { Cookie: cookieHeader(Object.fromEntries(cookies)) }),
        ...(rest.method && rest.method !== 'GET' && fromOurPage(proxy)),
        ...headers,
      },
    });
    for (const { name, value, attributes } of cookiesSet(reply)) {
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
    return reply;
  }

  return {
    cookies,
    ask,
    post: (path: string, body: unknown = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}
