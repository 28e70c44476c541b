import plugin from 'fastify-plugin';
import { type AccessClaims, assertAccess, bearerToken, type TokenVerifier } from '../auth/index.ts';

/** Verifies the caller's token on every route, whoever has verified it before, and applies its policy. */
export const accessControl = plugin<{ verifyToken: TokenVerifier }>(
  async (app, { verifyToken }) => {
    app.decorateRequest('caller', undefined);
    app.decorateRequest('accessToken', undefined);

    app.addHook('onRoute', ({ url, method, config }) => {
      if (!config?.access) throw new Error(`${String(method)} ${url} does not say who has access`);
    });

    // Callbacks, not promises: nearly every token was verified before, and then there is nothing to wait for.
    app.addHook('onRequest', (request, _reply, done) => {
      if (request.is404) return done();
      const admit = (claims: AccessClaims | undefined, token?: string) => {
        request.caller = claims;
        request.accessToken = token;
        assertAccess(request.routeOptions.config.access ?? 'service', claims);
      };
      const token = bearerToken(request.headers.authorization);
      const known = token === undefined ? undefined : verifyToken.atOnce(token);
      if (token === undefined || known) {
        admit(known, token);
        return done();
      }
      verifyToken(token)
        .then((claims) => admit(claims, token))
        .then(() => done(), done);
    });
  },
  { name: 'access-control' },
);
