import plugin from 'fastify-plugin';
import { assertAccess, bearerToken, type TokenVerifier } from '../auth/index.ts';

/** Verifies the caller's token on every route, whoever has verified it before, and applies its policy. */
export const accessControl = plugin<{ verifyToken: TokenVerifier }>(
  async (app, { verifyToken }) => {
    app.decorateRequest('caller', undefined);
    app.decorateRequest('accessToken', undefined);

    app.addHook('onRoute', ({ url, method, config }) => {
      if (!config?.access) throw new Error(`${String(method)} ${url} does not say who has access`);
    });

    app.addHook('onRequest', async (request) => {
      if (request.is404) return;
      const token = bearerToken(request.headers.authorization);
      if (token) {
        request.caller = await verifyToken(token);
        request.accessToken = token;
      }
      assertAccess(request.routeOptions.config.access ?? 'service', request.caller);
    });
  },
  { name: 'access-control' },
);
