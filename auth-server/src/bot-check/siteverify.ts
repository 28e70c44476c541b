import { randomUUID } from 'node:crypto';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { BotCheck } from './bot-check.ts';

/** Turnstile took reCAPTCHA's protocol over: a form goes out, and these come back. */
export const SITEVERIFY_URLS = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};

const VerdictSchema = Type.Object({
  success: Type.Boolean(),
  hostname: Type.Optional(Type.String()),
  /** Not with reCAPTCHA v2; empty with Turnstile where the widget was given none. */
  action: Type.Optional(Type.String()),
  /** reCAPTCHA v3 alone: 1 is surely a person. */
  score: Type.Optional(Type.Number()),
  'error-codes': Type.Optional(Type.Array(Type.String())),
});
type Verdict = Static<typeof VerdictSchema>;
const verdictValidator = Compile(VerdictSchema);

const TIMEOUT = 3_000;
const MIN_SCORE = 0.5;
/** The operator's mistake, and not the visitor's. */
const MISCONFIGURED = ['missing-input-secret', 'invalid-input-secret'];

interface SiteverifyOptions {
  url: string;
  secret: string;
  /** The site on which the widget must have been solved. */
  hostname: string;
  logger: Logger;
}

/**
 * Asks the provider whether a token is a person's. The provider sees to it that each is good once. While it cannot be
 * asked everybody is let through, since the throttles still stand; a wrong secret stops everybody, so that it is noticed.
 */
export function createSiteverify({ url, secret, hostname, logger }: SiteverifyOptions): BotCheck {
  async function ask(token: string, address: string): Promise<Verdict> {
    const form = { secret, response: token, remoteip: address, idempotency_key: randomUUID() };
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(TIMEOUT),
      redirect: 'error',
    });
    // Turnstile says no with 400, and why in the body; what is no verdict is an outage.
    return verdictValidator.Parse(await response.json());
  }

  return async function check(token, { action, address }) {
    if (token === undefined) throw notAPerson();
    const verdict = await ask(token, address).catch((error: unknown) => {
      logger.error({ err: error }, 'the bot check cannot be asked');
      return undefined;
    });
    if (!verdict) return;
    const codes = verdict['error-codes'] ?? [];
    if (codes.some((code) => MISCONFIGURED.includes(code))) {
      throw unavailable(new Error('BOT_CHECK_SECRET is not taken'), 60);
    }
    if (!verdict.success) throw notAPerson(codes);
    if (verdict.hostname !== hostname) throw notAPerson(['hostname']);
    if (verdict.action && verdict.action !== action) throw notAPerson(['action']);
    if (verdict.score !== undefined && verdict.score < MIN_SCORE) throw notAPerson(['score']);
  };
}

const notAPerson = (codes: string[] = ['missing']) =>
  new ProblemError(403, 'AUTH_1007', 'The bot check was not passed. Try it again.', {
    cause: new Error(`bot check: ${codes.join(', ')}`),
  });
