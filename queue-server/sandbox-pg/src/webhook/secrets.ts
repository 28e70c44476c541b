import { randomBytes } from 'node:crypto';
import type { Store } from '../store.ts';

/** As many as PortOne has at a time. */
const AT_MOST = 2;

/** The webhook secrets that are good now: those of the environment, until somebody rotates them. */
export function createSecrets(store: Store, configured: readonly string[]) {
  const current = (): readonly string[] => store.settings().webhookSecrets ?? configured;

  return {
    current,
    /** @returns the new one; undefined where there are as many as there may be */
    add(secret = `whsec_${randomBytes(24).toString('base64')}`): string | undefined {
      if (current().length >= AT_MOST) return undefined;
      store.change({ webhookSecrets: [...current(), secret] });
      return secret;
    },
    /** @returns whether there was one to spare */
    removeOldest(): boolean {
      if (current().length < AT_MOST) return false;
      store.change({ webhookSecrets: current().slice(1) });
      return true;
    },
  };
}
export type Secrets = ReturnType<typeof createSecrets>;
