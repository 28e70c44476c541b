import { stack } from './shared.ts';

interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Somebody at the storefront's address with a browser's cookies and a browser's honest headers. */
export function visitor() {
  const cookies = new Map<string, string>();
  const origin = stack().urls.PROXY_SERVER_URL;

  function keep(lines: string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  return {
    cookies,
    async ask(path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Response> {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(origin + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie && { cookie }),
          ...(method !== 'GET' && { origin, 'sec-fetch-site': 'same-origin' }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      keep(response.headers.getSetCookie());
      return response;
    },
  };
}
export type Visitor = ReturnType<typeof visitor>;
