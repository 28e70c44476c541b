import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import type { Config } from '../config.ts';
import { createPortOne } from './portone.ts';
import { startSandbox } from './sandbox/server.ts';
import type { IdentityVerifier } from './verifier.ts';

const SANDBOX = { apiSecret: 'sandbox', storeId: 'store-sandbox', channelKey: 'channel-key-sandbox' };

/** PortOne, or in development the sandbox; undefined where production has no PortOne. */
export async function createVerifier(
  config: Config,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
): Promise<IdentityVerifier | undefined> {
  const production = config.NODE_ENV === 'production';
  const shared = { timeout: config.REQUEST_TIMEOUT, allowTestChannel: !production, metrics };
  if (config.PORTONE_API_SECRET !== '') {
    const { PORTONE_STORE_ID: storeId, PORTONE_IDENTITY_CHANNEL_KEY: channelKey } = config;
    if (storeId === '' || channelKey === '') {
      throw new Error('PORTONE_API_SECRET needs PORTONE_STORE_ID and PORTONE_IDENTITY_CHANNEL_KEY');
    }
    const portOne = createPortOne({
      ...shared,
      apiUrl: config.PORTONE_API_URL,
      apiSecret: config.PORTONE_API_SECRET,
      storeId,
      channelKey,
    });
    return { ...portOne, close: async () => undefined };
  }
  if (production) return undefined;
  const sandbox = await startSandbox({ ...SANDBOX, publicUrl: config.PUBLIC_URL });
  logger.info({ url: sandbox.url }, 'identity verification by the sandbox');
  const portOne = createPortOne({ ...shared, ...SANDBOX, apiUrl: sandbox.url });
  const sandboxUrl = `${sandbox.url}/pages/identity-verifications`;
  return { ...portOne, browser: { ...portOne.browser, sandboxUrl }, close: sandbox.close };
}
