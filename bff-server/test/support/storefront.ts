import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '@doa-market/common/config';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import {
  banner,
  category,
  detail,
  event,
  highlight,
  listOf,
  member,
  reviews,
  searchResult,
  suggestions,
  summary,
} from './samples.ts';

/** A JSON answer, a status without one, raw text, or whatever a listener does. */
export type Answer = object | number | string | RequestListener;

export interface Asked {
  path: string;
  authorization: string | undefined;
  deadline: number;
}

/** Milliseconds that a request of the storefront has, unless a test gives it more. */
export const BUDGET = 1_000;

export const healthy = (): Record<string, Answer> => ({
  '/health': { status: 'ok' },
  '/api/v1/banners': { data: [banner] },
  '/api/v1/categories': { data: [category] },
  '/api/v1/shelves': { best: [summary], newest: [summary], deals: [summary] },
  '/api/v1/reviews': { data: [highlight] },
  '/api/v1/events': listOf([event]),
  '/api/v1/search/suggestions': suggestions,
  '/api/v1/search': searchResult,
  '/api/v1/products/mug/related': { data: [summary] },
  '/api/v1/products/mug/reviews': reviews,
  '/api/v1/products/mug': detail,
  '/api/v1/products?': listOf([summary]),
  '/api/members/me': member,
});

/** A BFF in front of one upstream for all servers (their paths differ), which says what a test tells it to. */
export async function startStorefront({ budget = BUDGET } = {}) {
  const authority: Authority = await startAuthority();
  const state = { answers: healthy(), asked: [] as Asked[], connections: 0 };
  const upstream: Server = createServer((request, response) => {
    const { url = '', headers } = request;
    state.asked.push({
      path: url,
      authorization: headers.authorization,
      deadline: Number(headers['x-request-deadline']),
    });
    const key = Object.keys(state.answers).find((it) => url.startsWith(it));
    const answer = key === undefined ? 404 : (state.answers[key] ?? 404);
    if (typeof answer === 'function') answer(request, response);
    else if (typeof answer === 'number') response.writeHead(answer).end('{}');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  upstream.on('connection', (socket) => {
    state.connections += 1;
    socket.once('close', () => {
      state.connections -= 1;
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const app: App = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      REQUEST_TIMEOUT: String(budget),
      AUTH_SERVICE_URL: authority.url,
      REDIS_URL: redisUrl(),
      PRODUCT_SERVICE_URL: url,
      MEMBER_SERVICE_URL: url,
    }),
  );
  return {
    app,
    authority,
    state,
    /** An upstream that is well, and was not asked yet. */
    reset() {
      state.answers = healthy();
      state.asked = [];
    },
    async close() {
      upstream.closeAllConnections();
      await app.close();
      upstream.close();
      await authority.close();
    },
  };
}
export type Storefront = Awaited<ReturnType<typeof startStorefront>>;
