import { createServiceTokens } from '@doa-market/common/auth';
import { createServiceClient } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import type { Config } from '../config.ts';

/** The other servers that orders need, with the tokens that they ask of us. */
export function createUpstreams(config: Config, metrics: Metrics) {
  const client = (name: string, baseUrl: string) =>
    createServiceClient({ name, baseUrl, timeout: config.REQUEST_TIMEOUT, metrics });
  const authServer = client('auth-server', config.AUTH_SERVICE_URL);
  const tokenFor = (audience: string) =>
    createServiceTokens({ authServer, serviceKey: config.SERVICE_KEY, audience });
  const productServer = client('product-server', config.PRODUCT_SERVICE_URL);
  const memberServer = client('member-server', config.MEMBER_SERVICE_URL);

  return {
    productServer: { client: productServer, serviceToken: tokenFor('product-server') },
    memberServer: { client: memberServer, serviceToken: tokenFor('member-server') },
    /** Orders can be read, and what is under way goes on later, without them. */
    dependencies: [
      { ...productServer, required: false },
      { ...memberServer, required: false },
    ],
    close: () => Promise.all([authServer, productServer, memberServer].map((it) => it.close())),
  };
}
export type Upstreams = ReturnType<typeof createUpstreams>;
export type Upstream = Upstreams['productServer'];
