import type { ServiceClient } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import type { Redis } from '@doa-market/common/redis';
import type { Config } from '../config.ts';
import type { SecurityEvents } from '../events/security-events.ts';
import type { ClientCheck } from '../http/basic-auth.ts';
import type { BearerAccess } from '../http/bearer-access.ts';
import type { DeviceReader } from '../http/device.ts';
import type { Router } from '../http/router.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';
import type { Sessions } from '../session/service.ts';
import { createThrottle } from '../throttle/throttle.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import type { EmailCodes } from './email-codes.ts';
import { createFlows } from './flows.ts';
import { createIdentities } from './identities.ts';
import { createProviders } from './providers.ts';
import { createSocialRegistration } from './registration.ts';
import { createRegistrations } from './registrations.ts';
import { socialRoutes } from './routes.ts';
import { createSocialSignIn } from './sign-in.ts';

interface Dependencies {
  config: Config;
  redis: Redis;
  metrics: Metrics;
  memberServer: ServiceClient;
  tokens: TokenIssuer;
  members: Members;
  sessions: Sessions;
  events: SecurityEvents;
  emailCodes: EmailCodes;
  mail: MailRequests;
  checkClient: ClientCheck;
  access: BearerAccess;
  deviceOf: DeviceReader;
  now: () => number;
}

/** From one address: sixty, then one every two seconds. */
const PER_ADDRESS = { name: 'social:address', burst: 60, every: 2_000 };

/** All by which somebody comes in through somebody else. */
export function mountSocial(router: Router, dependencies: Dependencies) {
  const { config, redis, metrics, memberServer, tokens, now } = dependencies;
  const registrations = createRegistrations(redis);
  const shared = { ...dependencies, registrations, identities: createIdentities(memberServer, tokens) };
  const signIn = createSocialSignIn({
    ...shared,
    providers: createProviders(config, metrics),
    flows: createFlows({ redis, serverSecret: config.REFRESH_TOKEN_SECRET }),
    throttle: createThrottle({ redis, now, ...PER_ADDRESS }),
  });
  socialRoutes(router, { ...shared, signIn, register: createSocialRegistration(shared) });
}
