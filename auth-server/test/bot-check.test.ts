import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accounts, PASSWORD, someEmail, startAccounts } from './support/accounts.ts';

const SECRET = '1x0000000000000000000000000000000AA';
let siteverify: Awaited<ReturnType<typeof startSiteverify>>;

/** Speaks what Turnstile and reCAPTCHA speak: a form comes in, a verdict goes out, a token is good once. */
async function startSiteverify() {
  const tokens = new Map<string, object>();
  const forms: URLSearchParams[] = [];
  let how: 'answers' | 'hangs up' | 'answers HTML' = 'answers';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (how === 'hangs up') return response.destroy();
    if (how === 'answers HTML') return response.writeHead(502).end('<html>');
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    forms.push(form);
    const token = form.get('response') ?? '';
    const verdict = tokens.get(token);
    tokens.delete(token);
    const refused = (code: string) =>
      response.writeHead(400).end(JSON.stringify({ success: false, 'error-codes': [code] }));
    response.setHeader('content-type', 'application/json');
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded;charset=UTF-8') {
      return refused('bad-request');
    }
    if (form.get('secret') !== SECRET) return refused('invalid-input-secret');
    if (!verdict) return refused('timeout-or-duplicate');
    return response.end(
      JSON.stringify({ success: true, challenge_ts: new Date().toISOString(), ...verdict }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`,
    forms,
    /** A token that the widget of this site would have given. */
    solve(verdict: object): string {
      const token = `solved-${tokens.size}-${forms.length}`;
      tokens.set(token, { hostname: 'localhost', 'error-codes': [], ...verdict });
      return token;
    },
    be: (value: typeof how) => {
      how = value;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

beforeAll(async () => {
  siteverify = await startSiteverify();
});
afterAll(() => siteverify.close());

describe.each(['turnstile', 'recaptcha'] as const)('with %s', (provider) => {
  let accounts: Accounts;
  beforeAll(async () => {
    const env = { BOT_CHECK: provider, BOT_CHECK_SECRET: SECRET, BOT_CHECK_URL: siteverify.url };
    accounts = await startAccounts({ env });
  });
  afterAll(() => accounts.close());

  const login = (email: string, botToken?: string) =>
    accounts.post('/api/auth/login', { email, password: PASSWORD, ...(botToken && { botToken }) });

  it('a person registers and signs in', async () => {
    const registered = await accounts.register(someEmail(), {
      botToken: siteverify.solve({ action: 'register' }),
    });
    expect(registered.status).toBe(202);
    const { email } = await accounts.member();
    const from = { 'x-forwarded-for': '203.0.113.9' };
    const body = { email, password: PASSWORD, botToken: siteverify.solve({ action: 'login', score: 0.9 }) };
    expect((await accounts.post('/api/auth/login', body, from)).status).toBe(200);
    expect(siteverify.forms.at(-1)?.get('remoteip')).toBe('203.0.113.9');
  });

  it('a token is good once', async () => {
    const { email } = await accounts.member();
    const token = siteverify.solve({ action: 'login' });
    expect((await login(email, token)).status).toBe(200);
    const again = await login(email, token);
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ code: 'AUTH_1007' });
  });

  it.each([
    ['none', () => undefined],
    ['one that the provider does not know', () => 'made up'],
    ['one for something else', () => siteverify.solve({ action: 'register' })],
    ['one of another site', () => siteverify.solve({ hostname: 'evil.example' })],
    ['one of what is hardly a person', () => siteverify.solve({ action: 'login', score: 0.1 })],
  ])('%s is refused before the password is looked at', async (_what, token) => {
    const { email } = await accounts.member();
    const asked = accounts.memberServer.calls.length;
    expect((await login(email, token())).status).toBe(403);
    expect((await accounts.register(email, { botToken: siteverify.solve({ action: 'login' }) })).status).toBe(
      403,
    );
    expect(accounts.memberServer.calls).toHaveLength(asked);
  });

  it.each(['hangs up', 'answers HTML'] as const)('everybody gets in while it %s', async (how) => {
    const { email } = await accounts.member();
    siteverify.be(how);
    expect((await login(email, 'some token')).status).toBe(200);
    expect((await login(email)).status).toBe(403);
    siteverify.be('answers');
  });

  it('a secret that is not taken stops everybody, so that it is noticed', async () => {
    const wrong = await accounts.start({ BOT_CHECK_SECRET: 'not-the-secret' });
    const body = { email: someEmail(), password: PASSWORD, botToken: siteverify.solve({}) };
    const response = await accounts.post('/api/auth/login', body, {}, wrong.url);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('60');
    await wrong.stop();
  });

  it('without a secret the server does not start', async () => {
    await expect(accounts.start({ BOT_CHECK_SECRET: '' })).rejects.toThrow('BOT_CHECK_SECRET is missing');
  });
});
