import type { ServiceClient } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import type { Redis } from '@doa-market/common/redis';
import type { Config } from '../config.ts';
import type { SecurityEvents } from '../events/security-events.ts';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import { createThrottle } from '../throttle/throttle.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import { createVerifier } from './create-verifier.ts';
import { createIssued } from './issued.ts';
import { certificationRoutes } from './routes.ts';
import { createCertifications } from './service.ts';

interface Dependencies {
  config: Config;
  redis: Redis;
  logger: Logger;
  metrics: Metrics;
  memberServer: ServiceClient;
  tokens: TokenIssuer;
  events: SecurityEvents;
  access: BearerAccess;
  deviceOf: DeviceReader;
  now: () => number;
}

/** Each costs money: a member begins ten, then one every 10 minutes. */
const PER_MEMBER = { name: 'certification:member', burst: 10, every: 600_000 };

export async function mountCertification(router: Router, dependencies: Dependencies) {
  const { config, redis, now } = dependencies;
  const verifier = await createVerifier(config, dependencies);
  const certifications = createCertifications({
    ...dependencies,
    verifier,
    issued: createIssued(redis),
    throttle: createThrottle({ redis, now, ...PER_MEMBER }),
  });
  certificationRoutes(router, { ...dependencies, certifications });
  return { close: async () => verifier?.close() };
}
