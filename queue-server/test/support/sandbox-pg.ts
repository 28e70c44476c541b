import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@doa-market/common/config';
import { buildApp } from '../../sandbox-pg/src/app.ts';
import { ConfigSchema } from '../../sandbox-pg/src/config.ts';

export const API_SECRET = 'sandbox-payment-api-secret';
export const STORE_ID = 'store-sandbox';
export const WEBHOOK_SECRET = 'whsec_c2FuZGJveC1wYXltZW50LXdlYmhvb2stc2VjcmV0';
export const SHOP = 'http://localhost:9000';

export interface Received {
  headers: IncomingHttpHeaders;
  raw: string;
  type: string;
  data: Record<string, unknown>;
}

interface Reply {
  status: number;
  body?: object;
}

/** A shop's webhook endpoint that keeps what it is told; `answer` may be replaced at any time. */
export async function startWebhookReceiver() {
  const received: Received[] = [];
  const receiver = {
    received,
    answer: (_message: Received): Reply => ({ status: 200 }),
    /** What was told but for the question before the capture. */
    notices: () => received.filter(({ type }) => type !== 'Transaction.Confirm').map(({ type }) => type),
    url: '',
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    let raw = '';
    request.on('data', (chunk) => {
      raw += chunk;
    });
    request.on('end', () => {
      const message: Received = { headers: request.headers, raw, ...JSON.parse(raw) };
      received.push(message);
      const { status, body } = receiver.answer(message);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return receiver;
}

/** The sandbox on a port of its own, with its journal in a folder that goes with it. */
export async function startSandboxPg(settings: { webhookUrl: string } & Record<string, string>) {
  const { webhookUrl, ...env } = settings;
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-pg-'));
  const config = loadConfig(ConfigSchema, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    WEBHOOK_URL: webhookUrl,
    SANDBOX_JOURNAL: path.join(folder, 'journal.jsonl'),
    ...env,
  });
  let app = await buildApp(config);
  let url = await app.listen({ host: '127.0.0.1', port: 0 });

  async function call(
    method: string,
    target: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(`${url}${target}`, {
      method,
      headers: {
        authorization: `PortOne ${API_SECRET}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} };
  }

  return {
    url: () => url,
    journal: config.SANDBOX_JOURNAL,
    call,
    register: (id: string, body: object = {}) =>
      call('POST', `/payments/${id}/pre-register`, { totalAmount: 50_000, currency: 'KRW', ...body }),
    get: (id: string) => call('GET', `/payments/${id}?storeId=${STORE_ID}`),
    cancel: (id: string, body: object = {}, headers: Record<string, string> = {}) =>
      call('POST', `/payments/${id}/cancel`, { reason: '테스트', ...body }, headers),
    pay: (id: string, card = 'approve', body: object = {}) =>
      call('POST', `/sandbox/payments/${id}/pay`, { card, ...body }),
    advance: (seconds: number) => call('POST', '/sandbox/clock', { advance: seconds }),
    /** As after a kill: the old one is left without a word, and another one reads its journal. */
    async restart(): Promise<void> {
      const killed = app;
      app = await buildApp(config);
      url = await app.listen({ host: '127.0.0.1', port: 0 });
      await killed.close();
    },
    async close(): Promise<void> {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}
export type SandboxPg = Awaited<ReturnType<typeof startSandboxPg>>;
