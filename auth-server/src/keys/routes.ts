import type { Router } from '../http/router.ts';
import { PublicKeySetSchema, type SigningKeys } from './signing-keys.ts';

export function keyRoutes(router: Router, keys: SigningKeys) {
  router.add({
    method: 'get',
    path: '/.well-known/jwks.json',
    operationId: 'getKeys',
    summary: 'The public keys that verify our tokens (RFC 7517)',
    tags: ['keys'],
    success: { status: 200, schema: PublicKeySetSchema },
    handle: ({ ctx }) => {
      ctx.set('Cache-Control', 'public, max-age=60');
      return keys.publicKeys();
    },
  });
}
