import { inject } from 'vitest';
import type { SharedStack } from './stack.ts';

/** The running stack, or the reason why there is none. */
export function stack(): SharedStack {
  const shared = inject('stack');
  if (!shared) throw new Error(inject('stackFailure'));
  return shared;
}

async function control(action: 'stop' | 'start', server: string): Promise<void> {
  const response = await fetch(`${inject('controlUrl')}/${action}/${server}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
}

export const stopServer = (server: string) => control('stop', server);
export const startServer = (server: string) => control('start', server);

/** A token as any visitor gets one. */
export async function guestToken(): Promise<string> {
  const { urls, secrets } = stack();
  const response = await fetch(`${urls.KONG_GATEWAY_URL}/api/auth/guest`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(secrets.AUTH_BASIC_KEY).toString('base64')}` },
  });
  if (response.status !== 201) throw new Error(`no guest token: ${response.status} ${await response.text()}`);
  const { accessToken }: { accessToken: string } = await response.json();
  return accessToken;
}

/** Asks the gateway as a bearer of that token. */
export function ask(path: string, token?: string): Promise<Response> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return fetch(`${stack().urls.KONG_GATEWAY_URL}${path}`, { headers });
}
