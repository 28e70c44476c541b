import { ConfigError } from '@doa-market/common/config';
import type { Metrics } from '@doa-market/common/metrics';
import type { PaymentGateway } from './gateway.ts';
import { createPortOne, type PortOneConfig } from './portone.ts';

/** The gateway that the environment names. @throws {ConfigError} for one that would sell for nothing */
export function createGateway(
  config: PortOneConfig & { NODE_ENV: string },
  metrics: Metrics,
): PaymentGateway {
  if (config.NODE_ENV === 'production' && config.PAYMENT_PROVIDER === 'sandbox') {
    throw new ConfigError(['PAYMENT_PROVIDER is the sandbox, which moves no money']);
  }
  return createPortOne(config, metrics);
}
