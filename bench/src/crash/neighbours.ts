import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type CartPurchase, CartPurchaseSchema } from '@doa-market/common/contracts';
import { startAuthority } from '@doa-market/common/testing';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const AudienceSchema = Type.Object({ audience: Type.String() });
const CART_REMOVAL = /^\/internal\/v1\/carts\/([^/]+)\/remove$/;

/** What was to be taken out of a cart, for which order. */
export interface CartRemoval extends CartPurchase {
  memberId: string;
}

const ADDRESS = {
  ...{ label: '집', recipient: '김도아', phone: '01012345678', postcode: '06236' },
  ...{ roadAddress: '서울특별시 강남구 테헤란로 152', detail: '', isDefault: true },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
};

/**
 * auth-server and member-server as queue-server sees them, at one address: tokens, any member's any address, and
 * carts that remember what was taken out of them.
 */
export async function startNeighbours() {
  const authority = await startAuthority();
  const removals: CartRemoval[] = [];
  const ages = { exp: Math.floor(Date.now() / 1_000) + 86_400 };

  async function answer(
    method: string,
    path: string,
    body: () => Promise<unknown>,
  ): Promise<object | undefined> {
    if (path === '/.well-known/jwks.json')
      return (await fetch(`${authority.url}${path}`)).json() as Promise<object>;
    if (path === '/internal/service-tokens') {
      const { audience } = Value.Parse(AudienceSchema, await body());
      const claims = { aud: audience, sid: undefined, ...ages };
      return {
        accessToken: await authority.token('SERVICE', 'service:queue-server', { claims }),
        expiresIn: 900,
      };
    }
    if (method === 'GET' && path.startsWith('/internal/v1/members/')) {
      return { id: path.split('/').at(-1), ...ADDRESS };
    }
    const memberId = CART_REMOVAL.exec(path)?.[1];
    if (memberId !== undefined) removals.push({ memberId, ...Value.Parse(CartPurchaseSchema, await body()) });
    return undefined;
  }

  const server = createServer((request, response) => {
    answer(request.method ?? '', request.url ?? '', () => json(request)).then(
      (body) => {
        if (body) response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
        else response.writeHead(204).end();
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: (role: 'MEMBER' | 'ADMIN', subject: string) => authority.token(role, subject, { claims: ages }),
    cartRemovals: (): readonly CartRemoval[] => removals,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await authority.close();
    },
  };
}
export type Neighbours = Awaited<ReturnType<typeof startNeighbours>>;
