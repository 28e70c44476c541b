import type { Logger } from '@doa-market/common/logging';
import type { Redis } from '@doa-market/common/redis';
import { noBotCheck } from './bot-check/bot-check.ts';
import { createSiteverify, SITEVERIFY_URLS } from './bot-check/siteverify.ts';
import type { Config } from './config.ts';
import { emailLetters } from './email/letters.ts';
import { emailRoutes } from './email/routes.ts';
import { createEmailProof } from './email/service.ts';
import type { SecurityEvents } from './events/security-events.ts';
import type { ClientCheck } from './http/basic-auth.ts';
import type { BearerAccess } from './http/bearer-access.ts';
import type { DeviceReader } from './http/device.ts';
import type { Router } from './http/router.ts';
import { createLinks } from './links/links.ts';
import { loginRoutes } from './login/routes.ts';
import { createLogin } from './login/service.ts';
import { createLoginThrottle } from './login/throttle.ts';
import { createDevelopmentMailbox } from './mail/development-mailbox.ts';
import { createEnvelope } from './mail/envelope.ts';
import { createOutbox } from './mail/outbox.ts';
import { createMailRequests } from './mail/requests.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { startMailWorker } from './mail/worker.ts';
import type { Members } from './member/client.ts';
import { createPasswordChange } from './password/change.ts';
import { createHashing } from './password/hashing.ts';
import { passwordLetters } from './password/letters.ts';
import { createPasswordRecovery } from './password/recovery.ts';
import { passwordRoutes } from './password/routes.ts';
import { registerRoutes } from './register/routes.ts';
import { createRegister } from './register/service.ts';
import type { Sessions } from './session/service.ts';
import type { EmailCodes } from './social/email-codes.ts';
import { socialLetters } from './social/letters.ts';

interface Dependencies {
  config: Config;
  redis: Redis;
  logger: Logger;
  members: Members;
  sessions: Sessions;
  events: SecurityEvents;
  emailCodes: EmailCodes;
  checkClient: ClientCheck;
  access: BearerAccess;
  deviceOf: DeviceReader;
  now: () => number;
}

const VERIFICATION_LIFETIME = 24 * 3_600_000;
const RESET_LIFETIME = 30 * 60_000;

/** All by which somebody comes in with an address and a password: register, prove the address, sign in, recover. */
export async function mountAccounts(router: Router, dependencies: Dependencies) {
  const { config, redis, logger, members, sessions, events, checkClient, access, deviceOf, now } =
    dependencies;
  const { PUBLIC_URL: publicUrl, MAIL_URL, MAIL_FROM } = config;

  const verifyLinks = createLinks({ redis, purpose: 'verify-email', lifetime: VERIFICATION_LIFETIME });
  const resetLinks = createLinks({ redis, purpose: 'reset-password', lifetime: RESET_LIFETIME });
  const outbox = createOutbox({ redis, envelope: createEnvelope(config.REFRESH_TOKEN_SECRET), now });
  const mail = createMailRequests({ redis, outbox, now });
  // Production cannot come here without MAIL_URL, so nobody can read its mail.
  const mailbox = MAIL_URL === '' ? createDevelopmentMailbox({ redis, logger }) : undefined;
  const worker = startMailWorker({
    outbox,
    mailer: mailbox?.mailer ?? createSmtpMailer({ url: MAIL_URL, from: MAIL_FROM }),
    writers: {
      ...emailLetters({ members, links: verifyLinks, publicUrl }),
      ...passwordLetters({ members, links: resetLinks, publicUrl }),
      ...socialLetters({ members, codes: dependencies.emailCodes, publicUrl }),
    },
    logger,
  });

  const hashing = await createHashing();
  const throttle = createLoginThrottle({ redis, logger, now });
  const botCheck = botCheckOf(config, logger);
  const shared = { redis, members, hashing, sessions, outbox, mail, events, botCheck, throttle, logger, now };
  const emailProof = createEmailProof({ ...shared, links: verifyLinks });
  const callers = { checkClient, access, deviceOf };

  registerRoutes(router, { register: createRegister(shared), ...callers });
  emailRoutes(router, { emailProof, ...callers });
  loginRoutes(router, { login: createLogin(shared), ...callers });
  passwordRoutes(router, {
    changePassword: createPasswordChange(shared),
    recovery: createPasswordRecovery({ ...shared, links: resetLinks }),
    ...callers,
  });
  return { mail, mailbox, close: worker.close };
}

function botCheckOf({ BOT_CHECK, BOT_CHECK_SECRET, BOT_CHECK_URL, PUBLIC_URL }: Config, logger: Logger) {
  if (BOT_CHECK === 'off') return noBotCheck;
  if (BOT_CHECK_SECRET === '') throw new Error('BOT_CHECK_SECRET is missing');
  return createSiteverify({
    url: BOT_CHECK_URL || SITEVERIFY_URLS[BOT_CHECK],
    secret: BOT_CHECK_SECRET,
    hostname: new URL(PUBLIC_URL).hostname,
    logger,
  });
}
