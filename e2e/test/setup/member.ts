import { randomUUID } from 'node:crypto';
import { until } from '@doa-market/common/testing';
import { stack } from './shared.ts';
import type { Visitor } from './visitor.ts';

export const PASSWORD = 'a long walk by the river';

const AGREEMENTS = ['TERMS', 'PRIVACY'].map((document) => ({ document, version: '2026-11-01' }));

/** The token in the newest mail to an address, once there is one that holds it. */
export function mailedToken(to: string, page: string): Promise<string> {
  return until(async () => {
    const response = await fetch(`${stack().urls.AUTH_SERVICE_URL}/dev/mail?to=${to}`, {
      headers: { accept: 'application/json' },
    });
    const mails: { text: string }[] = await response.json();
    const texts = mails.map(({ text }) => new RegExp(`${page}#token=([\\w-]+)`).exec(text)?.[1]);
    return texts.find((token) => token !== undefined);
  }, `mail to ${to}`);
}

/** Registers an address and proves that it is theirs, as a person would. */
export async function register(who: Visitor, email = `${randomUUID()}@example.com`): Promise<string> {
  const body = { email, password: PASSWORD, name: '김도아', agreements: AGREEMENTS };
  const registered = await who.ask('/api/auth/register', { method: 'POST', body });
  if (registered.status !== 202) throw new Error(`not registered: ${await registered.text()}`);
  const token = await mailedToken(email, '/auth/verify-email');
  const verified = await who.ask('/api/auth/email/verify', { method: 'POST', body: { token } });
  if (verified.status !== 204) throw new Error(`not verified: ${await verified.text()}`);
  return email;
}

export const login = (who: Visitor, email: string, password = PASSWORD): Promise<Response> =>
  who.ask('/api/auth/login', { method: 'POST', body: { email, password } });
